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

/** Where days are counted: as the instance says; the phone's own zone before its first answer. */
export const zone = () => mark?.zone;

let formatter = null;

function parts() {
  if (formatter?.zone !== zone()) {
    const fields = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
    const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone(), ...fields, hourCycle: "h23" });
    formatter = { zone: zone(), format };
  }
  return formatter.format;
}

/** A moment in the calendar of the place: {year, month, day, hour, minute} as text with leading zeros. */
export function local(moment) {
  return Object.fromEntries(parts().formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
}

/** The moment that a field of type datetime-local means at the place, as ISO text. */
export function fromField(text) {
  const asUtc = Date.parse(`${text}:00Z`);
  const p = local(asUtc);
  const offset = Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:00Z`) - asUtc;
  return new Date(asUtc - offset).toISOString();
}

/** A moment as a field of type datetime-local shows it. */
export function toField(moment) {
  const p = local(moment);
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}
