/**
 * Times in words: they say their unit, and a date only where it is needed. A `place` is that of what is told of, whose
 * clocks count; the beat's do where it is left out.
 * @module
 */

import { local, now } from "./clock.js";
import { plural, t } from "./words.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "2 min", "3 hours", "1 day". */
export function span(milliseconds) {
  if (milliseconds >= DAY) return plural("{n} day", "{n} days", Math.floor(milliseconds / DAY));
  if (milliseconds >= HOUR) return plural("{n} h", "{n} h", Math.floor(milliseconds / HOUR));
  return plural("{n} min", "{n} min", Math.max(0, Math.floor(milliseconds / MINUTE)));
}

/** How long ago something was. */
export const age = (moment) => span(now() - new Date(moment));

/** What is left until a deadline, or how long it is over: {text, over}. */
export function remaining(moment) {
  const left = new Date(moment) - now();
  return left >= 0
    ? { text: t("{span} left", { span: span(left) }), over: false }
    : { text: t("overdue by {span}", { span: span(-left) }), over: true };
}

const dayOf = (moment, place) => {
  const p = local(moment, place);
  return `${p.year}-${p.month}-${p.day}`;
};

/** "20:40" today, "yesterday 20:40", "01-14 20:40", "2023-12-22". */
export function moment(at, place) {
  const p = local(at, place);
  const time = `${p.hour}:${p.minute}`;
  const today = now();
  if (dayOf(at, place) === dayOf(today, place)) return time;
  if (dayOf(at, place) === dayOf(today - DAY, place)) return t("yesterday {time}", { time });
  return p.year === local(today, place).year ? `${p.month}-${p.day} ${time}` : `${p.year}-${p.month}-${p.day}`;
}

/** A short moment among others of the same time: "12-22", "today 20:38". */
function brief(at, place) {
  const p = local(at, place);
  if (dayOf(at, place) !== dayOf(now(), place)) return `${p.month}-${p.day}`;
  return t("today {time}", { time: `${p.hour}:${p.minute}` });
}

/** Moments in order, short; "today" is said once. */
export function timeline(moments, place) {
  const today = dayOf(now(), place);
  const first = moments.find((at) => dayOf(at, place) === today);
  return moments.map((at) => (at !== first && dayOf(at, place) === today ? moment(at, place) : brief(at, place)));
}

/** A calendar day such as "2025-01-20", without its year where that is this one. */
export const calendarDay = (on) => (on.startsWith(local(now()).year) ? on.slice(5) : on);

/** Several, one after the other. */
export const several = (words) => words.reduce((before, next) => t("{before}, {next}", { before, next }));

/** "today", "01-14" or "2023-12-22". */
export function day(at, place) {
  const p = local(at, place);
  if (dayOf(at, place) === dayOf(now(), place)) return t("today");
  return p.year === local(now(), place).year ? `${p.month}-${p.day}` : `${p.year}-${p.month}-${p.day}`;
}
