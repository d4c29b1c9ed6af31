/**
 * One command of the queue: what was done, what the ledger has, and the human's choice between the two.
 * @module
 */

import { button, h } from "../core/dom.js";
import {
  alertState,
  colleague,
  command,
  feedback,
  method,
  outcome,
  phase,
  reason,
  role,
  tenancy,
  useClass,
  visit,
} from "../core/kinds.js";
import * as queue from "../core/queue.js";
import { send } from "../core/sender.js";
import { moment } from "../core/times.js";
import { dots, language, plural, problemSentence, t } from "../core/words.js";
import { placeOfStream } from "../core/world.js";
import { inner, note } from "./frame.js";
import { stateWords } from "./me.js";

const again = (entry) => async () => {
  await queue.sendAnew(entry.order);
  send({ force: true });
  location.hash = "#/me";
};

const drop = (entry) => async () => {
  await queue.drop(entry.order);
  location.hash = "#/me";
};

/** The page of one command. */
export function queueView(known, { order }) {
  const entry = known.queue.find((each) => each.order === Number(order));
  if (!entry || entry.state === "sent")
    return inner(known, t("Queue"), "#/me", note(t("This has reached the ledger.")));
  const title = dots(command(entry.kind), entry.label);
  if (entry.state === "conflict") return inner(known, title, "#/me", conflict(known, entry));
  if (entry.state === "refused") return inner(known, title, "#/me", refused(known, entry));
  return inner(
    known,
    title,
    "#/me",
    mine(known, entry),
    h("p", { class: "note" }, stateWords(known, entry)),
    entry.fixed
      ? h("p", { class: "fine" }, t("It may be on its way already, so it cannot be taken back here."))
      : h("div", { class: "actions" }, button(t("Take it back"), drop(entry), { kind: "plain" })),
  );
}

function conflict(known, entry) {
  const moved = entry.problem?.type?.endsWith("/version-conflict");
  return [
    h(
      "p",
      { class: "lead" },
      moved ? t("Somebody changed this between your look and your action.") : problemSentence(entry.problem),
      " ",
      t("Nothing of yours is lost: choose."),
    ),
    h("div", { class: "versions" }, mine(known, entry), theirs(known, entry)),
    h(
      "div",
      { class: "actions" },
      button(t("Send mine on the new state"), again(entry), { key: "again" }),
      button(t("Drop mine"), drop(entry), { kind: "plain", key: "drop" }),
    ),
  ];
}

const refused = (known, entry) => [
  h("p", { class: "lead" }, problemSentence(entry.problem)),
  mine(known, entry),
  h(
    "div",
    { class: "actions" },
    button(t("Drop mine"), drop(entry), { key: "drop" }),
    button(t("Try again"), again(entry), { kind: "plain", key: "again" }),
  ),
];

const rows = (pairs) =>
  pairs
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]);

/** What I did, and what I had before me. */
function mine(known, entry) {
  const { body = {}, seen = {} } = entry;
  const place = placeOfStream(known, entry.stream);
  return h(
    "section",
    { class: "card version", "data-version": "mine" },
    h("h2", {}, t("What I did")),
    h(
      "dl",
      { class: "facts" },
      rows([
        [t("Done"), command(entry.kind)],
        [t("When"), moment(body.effective_at ?? entry.at, place)],
        [t("How"), detail(body)],
        [t("I saw"), sawWords(seen, place)],
      ]),
    ),
  );
}

function detail(body) {
  if (body.method) return method(body.method);
  if (body.failed) return reason(body.failed);
  if (body.feedback) return feedback(body.feedback);
  if (body.category) return tenancy(body.category);
  if (body.unit) return visit(body.outcome);
  return body.outcome ? outcome(body.outcome) : null;
}

function sawWords(seen, place) {
  if (seen.alertState) return alertState(seen.alertState);
  if (seen.phase) return phase(seen.phase);
  if (seen.task) return t("to verify, due {day}", { day: moment(seen.due, place) });
  if (seen.tenancies !== undefined) return plural("{n} household", "{n} households", Number(seen.tenancies));
  return seen.door && seen.door !== "none" ? visit(seen.door) : null;
}

/** What the ledger has now, and what happened since. */
function theirs(known, entry) {
  const now = entry.theirs;
  const place = placeOfStream(known, entry.stream);
  const since = now.since
    .slice(0, 5)
    .map((each) => [
      moment(each.at, place),
      [each.words?.[language()], each.role ? t("by {who}", { who: role(each.role) }) : null]
        .filter(Boolean)
        .join(t(", ")),
    ]);
  return h(
    "section",
    { class: "card version", "data-version": "theirs" },
    h("h2", {}, t("What the ledger has now")),
    h("dl", { class: "facts" }, rows([...since, ...nowWords(now, entry)])),
  );
}

function nowWords({ kind, facts }, entry) {
  if (kind === "alert")
    return [
      [t("Stands"), alertState(facts.state)],
      [t("Taken by"), facts.by ? colleague(facts.by) : null],
      [t("Said"), facts.feedback ? feedback(facts.feedback) : null],
    ];
  if (kind === "incident")
    return [
      [t("Stands"), phase(facts.state)],
      [t("Ended"), facts.outcome ? outcome(facts.outcome) : null],
    ];
  if (kind === "round") {
    const door = facts.doors.find((each) => each.unit === entry.door);
    return [
      [t("Stands"), facts.closed ? t("the round is closed") : t("the round is open")],
      [t("Door"), door?.outcome ? visit(door.outcome) : null],
    ];
  }
  return [
    [t("Unit"), useClass(facts.colour)],
    [t("Living there"), plural("{n} person", "{n} persons", facts.occupants ?? 0)],
    [t("Households"), String(facts.tenancies ?? 0)],
    [t("To verify"), String(facts.to_verify ?? 0)],
  ];
}
