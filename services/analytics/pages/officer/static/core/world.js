/**
 * What the phone knows at this moment: one reading of the store for one drawing of the page.
 * @module
 */

import { setZones } from "./clock.js";
import { session } from "./session.js";
import * as store from "./store.js";
import { named } from "./words.js";

const PARTS = ["alerts", "incidents", "duty", "verifications", "rounds", "issues", "rates", "mail"];

/** The last answers, the queue, the session, and how fresh they are. */
export async function world() {
  const kept = await Promise.all(PARTS.map((name) => store.get("cache", name)));
  const [who, queue, ledger, synced, failures] = await Promise.all([
    session(),
    store.all("queue"),
    store.get("cache", "ledger"),
    store.get("cache", "synced"),
    store.get("cache", "failures"),
  ]);
  const parts = Object.fromEntries(PARTS.map((name, place) => [name, kept[place] ?? []]));
  const buildings = ledger?.buildings ?? [];
  setZones(buildings);
  return {
    ...parts,
    who,
    queue,
    buildings,
    ledger: Boolean(ledger),
    synced: synced ?? null,
    failures: failures ?? [],
  };
}

/**
 * What was done to a stream and does not show in the last answers yet: not sent, or sent after they were asked for.
 * Newest last.
 */
export const pending = (known, stream) =>
  known.queue.filter(
    (entry) => entry.stream === stream && (entry.state !== "sent" || entry.sentAt >= (known.synced?.since ?? 0)),
  );

/** The unit as the ledger on the phone has it, with its building; or null. */
export function unitOf(known, id) {
  for (const building of known.buildings) {
    for (const floor of building.floors) {
      const unit = floor.units.find((each) => each.id === id);
      if (unit) return { ...unit, building: building.id, building_name: building.name, building_place: building.place };
    }
  }
  return null;
}

const LISTS = { alert: "alerts", incident: "incidents", round: "rounds" };

/** The place that a stream is about, as far as the phone has it; undefined otherwise. */
export function placeOfStream(known, stream) {
  const cut = stream.indexOf("-");
  const [kind, id] = [stream.slice(0, cut), stream.slice(cut + 1)];
  if (kind === "unit") return unitOf(known, id)?.building_place;
  return known[LISTS[kind]]?.find((each) => each.id === id)?.place;
}

/** What people call the place of something: its unit's label, else its building's name, else the last of its path. */
export function placeLabel(known, { unit, place }) {
  const found = unit && unitOf(known, unit);
  if (found) return found.label ?? found.number;
  const building = known.buildings.find((each) => place === each.place || place?.startsWith(`${each.place}/`));
  if (unit) return doorOf(unit);
  return named("places", place) ?? building?.name ?? (place ?? "").split("/").pop().toUpperCase();
}

/** What people call the building of a unit or of a task. */
export const buildingName = ({ building_place: own, place, building_name: registered }) =>
  named("places", own ?? place?.replace(/\/[^/]*$/, "")) ?? registered;

/** "wanda-a-1812" is A-1812 to people. */
export const doorOf = (unit) => unit.split("-").slice(-2).join("-").toUpperCase();
