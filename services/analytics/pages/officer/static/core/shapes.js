/**
 * What of the services' answers is kept on the phone. Only the fields named here; whatever else an answer holds, such
 * as a person's, is not kept.
 * @module
 */

const picked = (item, names) => Object.fromEntries(names.map((name) => [name, item[name] ?? null]));

const picking =
  (...names) =>
  (item) =>
    picked(item, names);

/** An alert: what was found, by which rule, who took it. */
export const alert = (item) => ({
  ...picked(item, [
    "rule",
    "rule_version",
    "key",
    "place",
    "severity",
    "count",
    "window_from",
    "window_to",
    "due_at",
    "state",
    "raised_at",
    "reopened_at",
    "by",
    "acknowledged_at",
    "version",
    "unit",
    "label",
    "words",
    "detail",
  ]),
  id: item.id ?? item.alert,
  evidence: (item.evidence ?? []).map(picking("source", "position", "id", "at", "label", "words")),
});

/** A message to the officer, in the words that were sent. */
export const message = picking("id", "kind", "about", "alert", "place", "words", "at");

/** An incident: no text that somebody wrote. */
export const incident = (item) => ({
  ...picked(item, [
    "place",
    "category",
    "phase",
    "priority",
    "source_unit",
    "caller_unit",
    "officers",
    "drill",
    "reported_at",
    "dispatched_at",
    "arrived_at",
    "phase_since",
    "label",
    "version",
  ]),
  id: item.id ?? item.incident,
});

/** The officer's duty. */
export const duty = picking("officer", "place", "since", "until");

/** A verification task: whose is a subject id only. */
export const verification = (item) => ({
  ...picked(item, [
    "unit",
    "label",
    "building",
    "building_name",
    "floor",
    "place",
    "colour",
    "tenancy",
    "subject",
    "category",
    "moved_in_at",
    "due_at",
    "overdue",
    "calendar",
    "lease_filed",
    "registered_by",
    "last_met_at",
  ]),
  id: `${item.tenancy}.${item.subject}`,
  attempts: (item.attempts ?? []).map(picking("at", "reason")),
});

/** A building with its floors. */
export const building = (item) => ({
  ...picked(item, ["id", "name", "place", "zone", "lowest_floor", "highest_floor", "as_of"]),
  floors: item.floors.map((floor) => ({ floor: floor.floor, units: floor.units.map(unit) })),
});

const unit = picking(
  "id",
  "number",
  "label",
  "floor",
  "colour",
  "use_class",
  "operator",
  "observed_use",
  "organisation",
  "differs",
  "tenancies",
  "occupants",
  "to_verify",
  "overdue",
  "version",
  "capacity",
);

/** A unit with its tenancies; occupants are ids. */
export const unitInFull = (item) => ({
  ...unit(item),
  building: item.building,
  building_name: item.building_name,
  place: item.place,
  tenancies_held: item.tenancies_held.map((held) => ({
    ...picked(held, ["tenancy", "category", "since", "ended_at", "lease_filing"]),
    occupants: held.occupants.map(picking("subject", "due_at", "verified_at", "overdue")),
  })),
});

/** A visit round with its doors. */
export const round = (item) => ({
  ...picked(item, ["id", "place", "day_part", "effective_at", "closed_at", "visited", "met", "version"]),
  doors: item.doors.map(picking("unit", "label", "floor", "colour", "outcome", "at", "last_met_at", "to_verify")),
});

/** An item of the teahouse or a pain point. */
export const issue = (item) => ({
  ...picked(item, [
    "kind",
    "title",
    "title_withheld",
    "place",
    "category",
    "building",
    "floor",
    "phase",
    "raised_at",
    "resolved_at",
    "answered_at",
    "awaits",
  ]),
  id: item.id ?? item.issue,
  commitments: (item.commitments ?? []).map(picking("owner", "promise", "due_on", "fulfilled_at", "missed_at")),
});
