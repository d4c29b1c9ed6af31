/**
 * Verification: who moved in is to be verified by a day.
 * @module
 */

import * as commands from "../core/commands.js";
import { local } from "../core/clock.js";
import { buttonLink, h, square, whole } from "../core/dom.js";
import { method, reason, role, tenancy, useClass } from "../core/kinds.js";
import * as store from "../core/store.js";
import { day, moment, remaining } from "../core/times.js";
import { dots, head, plural, t } from "../core/words.js";
import { buildingName, pending } from "../core/world.js";
import { choices } from "./choices.js";
import { inner, note, pendingLine } from "./frame.js";
import { person } from "./personal.js";

/** What this phone has done about a task and not yet sent. */
const mine = (known, task) => pending(known, `unit-${task.unit}`).filter((entry) => entry.task === task.id);

const done = (known, task) =>
  mine(known, task).some((entry) => entry.kind === "verify" && (entry.state === "waiting" || entry.state === "sent"));

/** Tasks that are still to do, the most overdue first. */
export const openTasks = (known) =>
  known.verifications.filter((task) => !done(known, task)).sort((one, other) => (one.due_at < other.due_at ? -1 : 1));

/** Tasks done here that the ledger has not heard of. */
export const sentLater = (known) =>
  known.verifications.filter((task) =>
    mine(known, task).some((entry) => entry.kind === "verify" && entry.state === "waiting"),
  );

const href = (task) => `#/task/${encodeURIComponent(task.id)}`;

function due(task) {
  const left = remaining(task.due_at);
  return h("span", { class: left.over ? "aside over" : "aside" }, left.text);
}

const title = (task) =>
  h("h3", {}, square(task.colour), h("span", {}, whole(t("{unit} new tenant", { unit: task.label }))));

function partOfDay(at, place) {
  const hour = Number(local(at, place).hour);
  if (hour < 12) return t("morning");
  return hour < 18 ? t("afternoon") : t("evening");
}

const knownOf = (task) =>
  dots(
    t("registered by {who} {day}", { who: role(task.registered_by), day: day(task.moved_in_at, task.place) }),
    task.lease_filed ? t("lease filed") : t("lease not filed"),
    task.last_met_at ? t("last met: {when}", { when: partOfDay(task.last_met_at, task.place) }) : null,
    task.attempts.length ? plural("{n} attempt", "{n} attempts", task.attempts.length) : null,
  );

/** The first task, opened. */
export function taskCard(known, task) {
  const door = known.rounds.find((round) => !round.closed_at && round.doors.some((each) => each.unit === task.unit));
  return h(
    "article",
    { class: "card", "data-task": task.id },
    h("div", { class: "row" }, title(task), due(task)),
    h("p", { class: "meta" }, whole(head(knownOf(task)))),
    pendingLine(mine(known, task)),
    h(
      "div",
      { class: "actions" },
      buttonLink(t("Verify"), href(task), "main"),
      door
        ? buttonLink(t("Note a visit"), `#/door/${encodeURIComponent(door.id)}/${encodeURIComponent(task.unit)}`)
        : buttonLink(t("See the unit"), `#/unit/${encodeURIComponent(task.unit)}`),
    ),
  );
}

/** The other tasks, a line each. */
export const taskRow = (known, task) =>
  h(
    "a",
    { class: "card row tap", href: href(task), "data-key": href(task), "data-task": task.id },
    title(task),
    mine(known, task).length ? h("span", { class: "aside" }, t("waiting to be sent")) : due(task),
  );

/** One task: what is known, and what came of it. */
export async function taskView(known, { id }) {
  const task = known.verifications.find((each) => each.id === id);
  if (!task) return inner(known, t("Verification"), "#/today", note(t("This is verified, or the household has left.")));
  const unit = await store.get("cache", `unit:${task.unit}`);
  const version = unit?.version ?? null;
  const left = remaining(task.due_at);
  const leave = () => {
    location.hash = "#/today";
  };
  return inner(
    known,
    t("Verify {unit}", { unit: task.label }),
    "#/today",
    h(
      "p",
      { class: "meta lead" },
      square(task.colour),
      head(dots(useClass(task.colour), buildingName(task), tenancy(task.category))),
    ),
    h(
      "dl",
      { class: "card facts" },
      fact(t("Due"), [moment(task.due_at, task.place), left.text].join(t(", ")), left.over),
      fact(t("Known"), whole(head(knownOf(task)))),
      task.attempts.map((each) => fact(moment(each.at, task.place), reason(each.reason))),
      task.calendar === "weekdays"
        ? fact(t("Calendar"), t("counted by weekdays, the year's holidays are not out yet"))
        : null,
    ),
    pendingLine(mine(known, task)),
    person(task),
    choices({
      legend: t("How verified"),
      name: "method",
      main: t("Verified"),
      options: ["document-seen", "register-query", "network-identity", "in-person"].map((code) => [code, method(code)]),
      act: async (code) => {
        await commands.verify(task, version, code);
        leave();
      },
    }),
    choices({
      legend: t("Could not be verified"),
      name: "failed",
      main: t("Note the reason"),
      kind: "plain",
      options: ["nobody-home", "document-missing", "document-mismatch", "no-cooperation", "system-away"].map((code) => [
        code,
        reason(code),
      ]),
      act: async (code) => {
        await commands.notVerified(task, version, code);
        leave();
      },
    }),
  );
}

const fact = (term, value, over = false) => [h("dt", {}, term), h("dd", { class: over ? "over" : null }, value)];
