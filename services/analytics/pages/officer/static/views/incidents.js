/**
 * Incidents that the officer was sent to: on the way, there, resolved.
 * @module
 */

import * as commands from "../core/commands.js";
import { button, buttonLink, h, whole } from "../core/dom.js";
import { category, outcome, phase } from "../core/kinds.js";
import { age, moment } from "../core/times.js";
import { dots, head, t } from "../core/words.js";
import { pending, placeLabel } from "../core/world.js";
import { choices } from "./choices.js";
import { inner, note, pendingLine } from "./frame.js";
import { description } from "./personal.js";

const AFTER = { "en-route": "en-route", arrive: "arrived", resolve: "resolved" };

const where = (known, incident) =>
  incident.label ?? placeLabel(known, { unit: incident.source_unit, place: incident.place });

/** "Loud music · A-1812" */
export const incidentTitle = (known, incident) => dots(head(category(incident.category)), where(known, incident));

/** How far it has come, with what this phone has yet to send. */
export function phaseNow(known, incident) {
  const done = pending(known, `incident-${incident.id}`)
    .filter((entry) => entry.state === "waiting" || entry.state === "sent")
    .at(-1);
  return done ? AFTER[done.kind] : incident.phase;
}

const priority = (incident) => ({ emergency: t("emergency"), urgent: t("urgent") })[incident.priority];

/** "Urgent · sent to you · reported 20:34" */
const stands = (incident, reached) =>
  head(
    dots(
      priority(incident),
      phase(reached),
      t("reported {time}", { time: moment(incident.reported_at, incident.place) }),
      incident.drill && t("drill"),
    ),
  );

/** An incident on the list, with the next step as its button. */
export function incidentCard(known, incident) {
  const reached = phaseNow(known, incident);
  const href = `#/incident/${encodeURIComponent(incident.id)}`;
  return h(
    "article",
    { class: "card", "data-incident": incident.id },
    h(
      "div",
      { class: "row" },
      h("h3", {}, h("span", {}, whole(incidentTitle(known, incident)))),
      h("span", { class: "aside" }, age(incident.reported_at)),
    ),
    h("p", { class: "meta" }, whole(stands(incident, reached))),
    pendingLine(pending(known, `incident-${incident.id}`)),
    reached === "resolved"
      ? null
      : h("div", { class: "actions" }, nextStep(known, incident, reached), buttonLink(t("Details"), href)),
  );
}

function nextStep(known, incident, reached) {
  const label = incidentTitle(known, incident);
  const done = (kind) => () => commands.step(incident, label, kind);
  if (reached === "arrived") return buttonLink(t("Resolved"), `#/incident/${encodeURIComponent(incident.id)}`, "main");
  if (reached === "en-route") return button(t("Arrived"), done("arrive"), { key: `arrive-${incident.id}` });
  return button(t("On the way"), done("en-route"), { key: `go-${incident.id}` });
}

/** One incident. */
export function incidentView(known, { id }) {
  const incident = known.incidents.find((each) => each.id === id);
  if (!incident) return inner(known, t("Incident"), "#/today", note(t("This incident is no longer open.")));
  const reached = phaseNow(known, incident);
  const label = incidentTitle(known, incident);
  return inner(
    known,
    label,
    "#/today",
    h("p", { class: "meta lead" }, whole(stands(incident, reached))),
    pendingLine(pending(known, `incident-${incident.id}`)),
    description(incident),
    reached === "arrived" || reached === "resolved"
      ? null
      : h("div", { class: "actions" }, nextStep(known, incident, reached)),
    reached === "resolved"
      ? null
      : choices({
          legend: t("How it ended"),
          name: "outcome",
          main: t("Resolved"),
          options: ["settled", "handed-to-mediation", "handed-to-investigation", "unfounded", "duplicate"].map(
            (code) => [code, outcome(code)],
          ),
          act: async (code) => {
            await commands.step(incident, label, "resolve", { outcome: code });
            location.hash = "#/today";
          },
        }),
  );
}
