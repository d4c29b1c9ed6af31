/**
 * The teahouse, to read: who promised what by when, and what waits for the resident's word.
 * @module
 */

import { h, section } from "../core/dom.js";
import { category, issuePhase } from "../core/kinds.js";
import { local, now } from "../core/clock.js";
import { calendarDay, day } from "../core/times.js";
import { dots, head, named, plural, t } from "../core/words.js";
import { frame, note } from "./frame.js";

const OPEN = new Set(["raised", "committed", "disputed"]);
const SHOWN = 40;

/** The tab. */
export function teahouseView(known) {
  if (!known.issues.length) return frame(known, t("Teahouse"), note(t("No item is open in your beat.")));
  const open = known.issues.filter((issue) => OPEN.has(issue.phase));
  const waiting = known.issues.filter((issue) => issue.awaits === "resident");
  return frame(
    known,
    t("Teahouse"),
    rates(known),
    section(plural("{n} open", "{n} open", open.length), open.slice(0, SHOWN).map(issueCard)),
    section(
      plural("{n} awaits the resident", "{n} await the resident", waiting.length),
      waiting.slice(0, SHOWN).map(issueCard),
    ),
  );
}

/** Two rates that are never one: done says who did it, confirmed says who asked for it. */
function rates(known) {
  const told = known.rates;
  if (!told.raised) return null;
  return h(
    "dl",
    { class: "rates" },
    h(
      "div",
      {},
      h("dt", {}, t("Resolved")),
      h("dd", {}, share(told.resolved_percent)),
      h("dd", { class: "fine" }, t("{n} of {all}", { n: told.resolved, all: told.raised })),
    ),
    h(
      "div",
      {},
      h("dt", {}, t("Confirmed by the resident")),
      h("dd", {}, share(told.confirmed_percent)),
      h("dd", { class: "fine" }, t("{n} of {all}", { n: told.confirmed, all: told.resolved })),
    ),
  );
}

const share = (percent) => (percent === null || percent === undefined ? "–" : `${Number(percent).toFixed(1)} %`);

/** How far an issue is; a pain point that no resident raised waits for a look, not for a resident. */
const stands = (issue) => (issue.awaits === "check" ? "check" : issue.phase);

/** The public title; of a resident's item that the desk has not read yet, that it is one. */
const title = (issue) => (issue.title_withheld ? t("A resident's item") : issue.title);

function issueCard(issue) {
  const where = issue.floor ? t("{n}F", { n: issue.floor }) : null;
  return h(
    "article",
    { class: "card" },
    h("div", { class: "row" }, h("h3", {}, title(issue)), h("span", { class: "aside" }, issuePhase(stands(issue)))),
    h(
      "p",
      { class: "meta" },
      dots(where, head(category(issue.category)), t("raised {time}", { time: day(issue.raised_at, issue.place) })),
    ),
    issue.commitments.filter((each) => !each.fulfilled_at).map(promise),
  );
}

function promise(each) {
  const p = local(now());
  const over = each.due_on < `${p.year}-${p.month}-${p.day}`;
  return h(
    "p",
    { class: "promise" },
    h("span", {}, each.promise, h("span", { class: "meta owner" }, named("organisations", each.owner) ?? "")),
    h(
      "span",
      { class: over ? "aside over" : "aside" },
      over
        ? t("due {day}, overdue", { day: calendarDay(each.due_on) })
        : t("due {day}", { day: calendarDay(each.due_on) }),
    ),
  );
}
