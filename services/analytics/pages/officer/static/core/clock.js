/**
 * The instance's time. The demonstration runs on a clock of its own, so the phone's clock says only how much time
 * has passed since the last answer.
 * @module
 */

import * as store from "./store.js";

let mark = null;

/** Loads the last mark, for a start without signal. */
export async function wind() {
  mark = (await store.get("settings", "clock")) ?? null;
}

/**
 * Takes what the server said.
 * @param {{now: string, speed: number, zone: string, demonstration: boolean, mode: string}} said
 */
export async function setClock(said) {
  mark = { ...said, at: Date.now() };
  await store.put("settings", mark, "clock");
}

/** The instance's moment, as a Date. */
export function now() {
  if (!mark) return new Date();
  const passed = Math.max(0, Date.now() - mark.at);
  return new Date(Date.parse(mark.now) + passed * (mark.speed ?? 1));
}

/** Whether this instance plays the demonstration, and in which mode it runs. */
export const about = () => ({ demonstration: Boolean(mark?.demonstration), mode: mark?.mode ?? null });

let zones = {};

/** Takes the zones of the buildings on the phone: `[{place, zone}]`. */
export function setZones(buildings) {
  zones = Object.fromEntries(buildings.filter((each) => each.zone).map((each) => [each.place, each.zone]));
}

/**
 * Where days are counted at a place: in the zone of its building where the phone has it, else as the instance says of
 * the beat; the phone's own zone before its first answer.
 * @param {string} [place] of a building or a unit; the beat where it is left out
 */
export const zone = (place) => zones[place] ?? zones[place?.replace(/\/[^/]*$/, "")] ?? mark?.zone;

const formats = {};

function format(place) {
  const timeZone = zone(place);
  const fields = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  formats[timeZone] ??= new Intl.DateTimeFormat("en-CA", { timeZone, ...fields, hourCycle: "h23" });
  return formats[timeZone];
}

/** A moment in the calendar of the place: {year, month, day, hour, minute} as text with leading zeros. */
export function local(moment, place) {
  const parts = format(place).formatToParts(new Date(moment));
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

/** The moment that a field of type datetime-local means at the place, as ISO text. */
export function fromField(text, place) {
  const asUtc = Date.parse(`${text}:00Z`);
  const p = local(asUtc, place);
  const offset = Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:00Z`) - asUtc;
  return new Date(asUtc - offset).toISOString();
}

/** A moment as a field of type datetime-local shows it. */
export function toField(moment, place) {
  const p = local(moment, place);
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}
