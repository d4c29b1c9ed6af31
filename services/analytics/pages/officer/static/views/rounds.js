/**
 * Visit rounds: doors, and what each knock met.
 * @module
 */

import * as commands from "../core/commands.js";
import { button, h, square } from "../core/dom.js";
import { visit } from "../core/kinds.js";
import { day, moment } from "../core/times.js";
import { dots, plural, t } from "../core/words.js";
import { pending, unitOf } from "../core/world.js";
import { choices } from "./choices.js";
import { inner, note, pendingLine } from "./frame.js";

const FIRST = 4;

const own = (known, round, door) =>
  pending(known, `round-${round.id}`)
    .filter((entry) => entry.door === door.unit)
    .at(-1);

const outcomeNow = (known, round, door) => own(known, round, door)?.result ?? door.outcome;

const todo = (known, round) => round.doors.filter((door) => !outcomeNow(known, round, door));

/** "This evening's round · 24 units" */
export function roundTitle(known, round) {
  const when = round.day_part === "evening" ? t("Evening round") : t("Day round");
  return dots(when, plural("{n} door to go", "{n} doors to go", todo(known, round).length));
}

/** The next doors of a round. */
export function roundCard(known, round) {
  const next = todo(known, round).slice(0, FIRST);
  const all = `#/round/${encodeURIComponent(round.id)}`;
  return h(
    "div",
    { class: "card list" },
    next.map((door) => doorRow(known, round, door)),
    h(
      "a",
      { class: "row tap more", href: all, "data-key": all },
      plural("All {n} door", "All {n} doors", round.doors.length),
    ),
  );
}

function doorRow(known, round, door) {
  const href = `#/door/${encodeURIComponent(round.id)}/${encodeURIComponent(door.unit)}`;
  const met = outcomeNow(known, round, door);
  return h(
    "a",
    { class: "row tap", href, "data-key": href },
    h(
      "span",
      { class: "name" },
      square(door.colour),
      h("b", {}, door.label),
      h("span", { class: "meta" }, door.to_verify ? t("to verify") : ""),
    ),
    h("span", { class: "aside" }, met ? visit(met) : lastMet(door, placeOf(known, round, door))),
  );
}

const lastMet = (door, place) =>
  door.last_met_at ? t("last met {day}", { day: day(door.last_met_at, place) }) : t("first visit");

const placeOf = (known, round, door) => unitOf(known, door.unit)?.building_place ?? round.place;

/** A whole round. */
export function roundView(known, { id }) {
  const round = known.rounds.find((each) => each.id === id);
  if (!round) return inner(known, t("Round"), "#/today", note(t("This round is closed.")));
  const closing = pending(known, `round-${round.id}`).some((entry) => entry.kind === "close-round");
  return inner(
    known,
    roundTitle(known, round),
    "#/today",
    pendingLine(pending(known, `round-${round.id}`)),
    h(
      "div",
      { class: "card list" },
      round.doors.map((door) => doorRow(known, round, door)),
    ),
    closing
      ? null
      : h(
          "div",
          { class: "actions" },
          button(
            t("End the round"),
            async () => {
              await commands.closeRound(round, t("Round"));
              location.hash = "#/today";
            },
            { kind: "plain" },
          ),
        ),
  );
}

/** One door. */
export function doorView(known, { id, unit }) {
  const round = known.rounds.find((each) => each.id === id);
  const door = round?.doors.find((each) => each.unit === unit);
  if (!door) return inner(known, t("Visit"), "#/today", note(t("This round is closed.")));
  const back = `#/round/${encodeURIComponent(id)}`;
  const place = placeOf(known, round, door);
  return inner(
    known,
    t("Visit {unit}", { unit: door.label }),
    back,
    h(
      "p",
      { class: "meta lead" },
      square(door.colour),
      door.at ? `${visit(door.outcome)} ${moment(door.at, place)}` : lastMet(door, place),
    ),
    pendingLine([own(known, round, door)].filter(Boolean)),
    choices({
      legend: t("What the visit met"),
      name: "visit",
      main: t("Note it"),
      options: ["met", "nobody-home", "no-cooperation", "moved-away"].map((code) => [code, visit(code)]),
      act: async (code) => {
        await commands.visit(round, door, code);
        location.hash = back;
      },
    }),
  );
}
