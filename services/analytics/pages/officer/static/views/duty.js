/**
 * Whether the officer is on duty, and the one tap that changes it.
 * @module
 */

import { now } from "../core/clock.js";
import * as commands from "../core/commands.js";
import { button, h } from "../core/dom.js";
import { moment } from "../core/times.js";
import { t } from "../core/words.js";
import { pending } from "../core/world.js";
import { pendingLine } from "./frame.js";

/** What stands at the head of the day. */
export function dutyLine(known) {
  if (!known.who) return null;
  const waiting = pending(known, commands.dutyOf(known.who));
  const duty = known.duty.find(({ until }) => until > now().toISOString());
  const told = waiting.filter(({ state }) => state === "waiting" || state === "sent").at(-1);
  const on = told ? told.kind === "on-duty" : Boolean(duty);
  return h(
    "div",
    { class: "card row", "data-duty": on ? "on" : "off" },
    h(
      "span",
      { class: "meta" },
      on
        ? duty
          ? t("On duty until {time}", { time: moment(duty.until) })
          : t("On duty")
        : t("Not on duty: the dispatch room does not see you."),
      pendingLine(waiting),
    ),
    on
      ? button(t("Go off duty"), () => commands.goOffDuty(known.who), { kind: "plain", key: "off-duty" })
      : button(t("Come on duty"), () => commands.comeOnDuty(known.who), { key: "on-duty" }),
  );
}
