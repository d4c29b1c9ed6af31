/**
 * What every view has: its heading with the state of the link, small print at the foot, the tabs.
 * @module
 */

import { about, now, zone } from "../core/clock.js";
import { h, whole } from "../core/dom.js";
import * as sync from "../core/sync.js";
import { moment } from "../core/times.js";
import { dots, language, named, plural, t } from "../core/words.js";

const TABS = [
  ["today", () => t("Today")],
  ["ledger", () => t("Ledger")],
  ["teahouse", () => t("Teahouse")],
  ["me", () => t("Me")],
];

/** A view: heading, what it shows, small print. */
export function frame(known, title, ...children) {
  return [heading(title, known), ...children.flat(Infinity).filter(Boolean), smallPrint(known)];
}

/** A view that was opened from another: with the way back. */
export function inner(known, title, back, ...children) {
  return [h("a", { class: "back", href: back, "data-key": "back" }, t("Back")), ...frame(known, title, ...children)];
}

const heading = (title, known) =>
  h(
    "header",
    {},
    h("h1", { tabindex: "-1", "data-key": "heading" }, whole(title)),
    h("p", { class: "link" }, linkState(known)),
  );

const placeName = (known) => {
  const place = known.who?.places[0];
  if (!place) return "";
  const name = named("places", place) ?? known.who.placeName?.[language()];
  return name ? t("{place} beat", { place: name }) : "";
};

/** How fresh this is and what waits, with the beat; in words, since a dot says nothing to who cannot see it. */
export function linkState(known) {
  const open = known.queue.filter((entry) => entry.state !== "sent").length;
  const waiting = open ? plural("{n} waiting", "{n} waiting", open) : null;
  return dots(placeName(known), freshness(known), waiting);
}

function freshness(known) {
  if (!known.who) return "";
  if (known.who.expired || sync.link === "signed-out") return t("sign-in has run out");
  const time = known.synced ? moment(known.synced.instance) : null;
  if (sync.link === "offline") return dots(t("offline"), time ? t("as of {time}", { time }) : t("nothing here yet"));
  if (!time) return t("fetching");
  return dots(t("works offline"), t("synced {time}", { time }));
}

/** Demonstration data says so, and the clock of this instance is on every page. */
function smallPrint(known) {
  const { demonstration, mode } = about();
  const parts = [
    demonstration && t("Demonstration data, nobody here is real"),
    demonstration ? t("demonstration clock {time}", { time: fullTime() }) : null,
    known.synced?.events ? t("as of {n} events", { n: known.synced.events.toLocaleString("en") }) : null,
    mode === "embedded" && !demonstration ? t("development sign-in") : null,
  ].filter(Boolean);
  return parts.length ? h("footer", {}, dots(...parts)) : null;
}

const fullTime = () =>
  new Intl.DateTimeFormat("sv", { timeZone: zone(), dateStyle: "short", timeStyle: "short" }).format(now());

/** The tabs at the thumb; what waits for a choice is counted on the last. */
export function tabs(known, active) {
  const asking = known.queue.filter((entry) => entry.state === "conflict" || entry.state === "refused").length;
  return TABS.map(([name, word]) =>
    h(
      "a",
      { href: `#/${name}`, "data-key": `tab-${name}`, "aria-current": name === active ? "page" : null },
      word(),
      name === "me" && asking ? h("span", { class: "count" }, String(asking)) : null,
    ),
  );
}

/** A note that is not an alarm: an empty list, a part that could not be read. */
export const note = (...words) => h("p", { class: "note" }, ...words);

/** What waits about one thing, as a line of its card. */
export function pendingLine(entries) {
  const last = entries.filter((entry) => entry.state !== "sent").at(-1);
  if (!last) return null;
  if (last.state === "conflict") {
    return h(
      "p",
      { class: "pending asks" },
      h("a", { href: `#/queue/${last.order}` }, t("The ledger has changed: choose")),
    );
  }
  if (last.state === "refused") {
    return h(
      "p",
      { class: "pending asks" },
      h("a", { href: `#/queue/${last.order}` }, t("The ledger did not take it: see why")),
    );
  }
  return h("p", { class: "pending" }, t("Noted, waiting to be sent"));
}
