/**
 * Alerts: what a rule found, on what evidence, and who takes it.
 * @module
 */

import * as commands from "../core/commands.js";
import { alertState, colleague, feedback } from "../core/kinds.js";
import { button, buttonLink, h, whole } from "../core/dom.js";
import { age, day, moment, remaining, several, timeline } from "../core/times.js";
import { dots, head, language, plural, t } from "../core/words.js";
import { pending, placeLabel } from "../core/world.js";
import { choices } from "./choices.js";
import { inner, note, pendingLine } from "./frame.js";

const RULES = {
  "repeated-disturbance": (alert) => t("Noise or dispute no. {n} from one unit", { n: alert.count }),
  "verification-overdue": () => t("Verification overdue"),
};

/** "Noise no. 3 from one unit · A-1812" */
export function alertTitle(known, alert) {
  const words = alert.words?.[language()] ?? RULES[alert.rule]?.(alert) ?? t("A rule found something");
  const where = alert.label ?? placeLabel(known, { unit: alert.unit, place: alert.place });
  return words.includes(where) ? words : dots(words, where);
}

/** Nobody has taken it, neither in the ledger nor on this phone. */
export const untaken = (known, alert) =>
  !alert.by && !pending(known, `alert-${alert.id}`).some((entry) => entry.kind === "acknowledge");

function reasonLine(alert) {
  if (alert.detail?.[language()]) return alert.detail[language()];
  if (alert.due_at) {
    return t("{time}, due {day}", { time: remaining(alert.due_at).text, day: day(alert.due_at, alert.place) });
  }
  const days = Math.max(1, Math.round((new Date(alert.window_to) - new Date(alert.window_from)) / 86_400_000));
  const dates = timeline(
    alert.evidence
      .filter((each) => each.at)
      .slice(-4)
      .map((each) => each.at),
    alert.place,
  );
  const counted = plural("{count} within {n} day", "{count} within {n} days", days, { count: alert.count });
  // where the headline counts already, the dates alone are left to say
  if (dates.length && alert.words?.[language()]?.includes(String(days))) return several(dates);
  return dates.length ? t("{counted}: {dates}", { counted, dates: several(dates) }) : counted;
}

/** An alert on the list. */
export function alertCard(known, alert) {
  const open = pending(known, `alert-${alert.id}`);
  const free = untaken(known, alert);
  return h(
    "article",
    { class: free ? "card alarm" : "card", "data-alert": alert.id },
    h(
      "div",
      { class: "row" },
      h(
        "h3",
        {},
        h("span", { class: free ? "dot" : "ring", "aria-hidden": "true" }),
        h("span", {}, whole(alertTitle(known, alert))),
      ),
      h("span", { class: "aside" }, age(alert.reopened_at ?? alert.raised_at)),
    ),
    h("p", { class: "meta" }, whole(dots(reasonLine(alert), free ? null : takenBy(known, alert)))),
    pendingLine(open),
    h(
      "div",
      { class: "actions" },
      free && takeButton(known, alert, `take-${alert.id}`),
      mine(known, alert) && buttonLink(t("Close it"), `#/alert/${encodeURIComponent(alert.id)}`, "main"),
      buttonLink(t("See why"), `#/alert/${encodeURIComponent(alert.id)}`),
    ),
  );
}

const takeButton = (known, alert, key) =>
  button(t("I will take it"), () => commands.acknowledge(alert, alertTitle(known, alert)), { key });

/** The officer has taken it, in the ledger or on this phone; who took it is who closes it. */
export const mine = (known, alert) => (alert.by ? alert.by === known.who?.officer : !untaken(known, alert));

const takenBy = (known, alert) =>
  mine(known, alert) ? t("You have taken it") : t("{who} has taken it", { who: colleague(alert.by) });

/** One alert with its evidence. */
export function alertView(known, { id }) {
  const alert = known.alerts.find((each) => each.id === id);
  if (!alert) return inner(known, t("Alert"), "#/today", note(t("This alert is no longer open.")));
  const free = untaken(known, alert);
  const stands = free ? alertState(alert.state) : takenBy(known, alert);
  const closing = pending(known, `alert-${alert.id}`).some((entry) => entry.kind === "close");
  return inner(
    known,
    alertTitle(known, alert),
    "#/today",
    h("p", { class: "meta lead" }, whole(head(dots(stands, reasonLine(alert))))),
    pendingLine(pending(known, `alert-${alert.id}`)),
    evidence(alert),
    free && h("div", { class: "actions" }, takeButton(known, alert, "take")),
    mine(known, alert) && !closing && closure(known, alert),
  );
}

const closure = (known, alert) =>
  choices({
    legend: t("Was the alert right"),
    name: "feedback",
    main: t("Close it"),
    options: ["acted", "no-action-needed", "false-alarm"].map((code) => [code, feedback(code)]),
    act: async (code) => {
      await commands.closeAlert(alert, alertTitle(known, alert), code);
      location.hash = "#/today";
    },
  });

function evidence(alert) {
  const rows = alert.evidence.map((each) =>
    h(
      "li",
      { class: "row" },
      h("span", {}, each.words?.[language()] ?? evidenceWord(each)),
      h(
        "span",
        { class: "aside" },
        each.at ? moment(each.at, alert.place) : t("event {n}", { n: each.position.toLocaleString("en") }),
      ),
    ),
  );
  return h(
    "section",
    {},
    h("h2", {}, t("Evidence")),
    h("ul", { class: "card list" }, rows),
    h(
      "p",
      { class: "fine" },
      t("Rule version {n}.", { n: alert.rule_version }),
      " ",
      alert.due_at ? "" : t("Counted against the unit it comes from, never against who called."),
    ),
  );
}

function evidenceWord(each) {
  if (each.source === "registry") return t("An entry of the ledger");
  return each.source === "mediation" ? t("A dispute") : t("A call");
}
