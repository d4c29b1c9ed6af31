/**
 * Today: what do I do now, biggest first.
 * @module
 */

import { buttonLink, h, section, whole } from "../core/dom.js";
import { moment, several } from "../core/times.js";
import { language, t } from "../core/words.js";
import { pending, placeLabel } from "../core/world.js";
import { alertCard, mine, untaken } from "./alerts.js";
import { dutyLine } from "./duty.js";
import { frame, note } from "./frame.js";
import { incidentCard } from "./incidents.js";
import { roundCard, roundTitle } from "./rounds.js";
import { openTasks, sentLater, taskCard, taskRow } from "./tasks.js";

const URGENCY = { emergency: 0, urgent: 1, routine: 2 };

/** What nobody has taken comes first, then what is mine, then what colleagues do. */
const rank = (known, alert) => (untaken(known, alert) ? 0 : mine(known, alert) ? 1 : 2);

const alertOrder = (known) => (one, other) =>
  rank(known, one) - rank(known, other) || (one.raised_at < other.raised_at ? 1 : -1);

/** What is real comes before an exercise. */
const incidentOrder = (one, other) =>
  Number(Boolean(one.drill)) - Number(Boolean(other.drill)) ||
  (URGENCY[one.priority] ?? 3) - (URGENCY[other.priority] ?? 3) || (one.reported_at < other.reported_at ? -1 : 1);

const closing = (known, alert) =>
  pending(known, `alert-${alert.id}`).some(
    (entry) => entry.kind === "close" && (entry.state === "waiting" || entry.state === "sent"),
  );

/** The page. */
export function todayView(known) {
  const alerts = known.alerts.filter((alert) => !closing(known, alert)).sort(alertOrder(known));
  const incidents = [...known.incidents].sort(incidentOrder);
  const [first, ...rest] = openTasks(known);
  const rounds = known.rounds.filter((round) => !round.closed_at);
  const work = [
    section(
      t("Alerts"),
      alerts.map((alert) => alertCard(known, alert)),
    ),
    section(
      t("My incidents"),
      incidents.map((incident) => incidentCard(known, incident)),
    ),
    section(
      t("To verify {n}", { n: rest.length + Number(Boolean(first)) }),
      first && taskCard(known, first),
      rest.map((task) => taskRow(known, task)),
    ),
    section(
      t("Verified, waiting to be sent"),
      sentLater(known).map((task) => taskRow(known, task)),
    ),
    section(t("Messages to you"), messages(known)),
    rounds.map((round) => section(roundTitle(known, round), roundCard(known, round))),
  ]
    .flat()
    .filter(Boolean);
  return frame(
    known,
    t("Today"),
    gaps(known),
    dutyLine(known),
    h("div", { class: "columns" }, work.length ? work : empty(known), registration()),
  );
}

/** What the officer was told and does not stand above: each message once, whatever it came over. */
function messages(known) {
  const once = new Map(known.mail.map((each) => [`${each.kind} ${each.about} ${each.words[language()]}`, each]));
  return [...once.values()].map((each) =>
    h(
      "article",
      { class: "card" },
      h(
        "p",
        { class: "row" },
        h("span", {}, whole(each.words[language()])),
        h("span", { class: "aside" }, moment(each.at, each.place)),
      ),
      h("p", { class: "meta" }, whole(placeLabel(known, { place: each.place }))),
    ),
  );
}

const PARTS = {
  alerts: () => t("alerts"),
  incidents: () => t("incidents"),
  duty: () => t("duty"),
  verifications: () => t("verifications"),
  rounds: () => t("rounds"),
  mail: () => t("messages"),
  issues: () => t("teahouse"),
  ledger: () => t("ledger"),
};

/** Parts that could not be read say so, and show what was there before. */
function gaps(known) {
  const parts = known.failures.map((name) => PARTS[name]?.()).filter(Boolean);
  return parts.length
    ? note(t("Could not be read anew: {parts}. What stands there is from before.", { parts: several(parts) }))
    : null;
}

const empty = (known) =>
  note(known.synced ? t("Nothing waits for you.") : t("Nothing is here yet: it comes with the first signal."));

const registration = () =>
  section(
    t("Register"),
    h(
      "div",
      { class: "actions" },
      buttonLink(t("Somebody moves in"), "#/find/move-in"),
      buttonLink(t("Somebody moves out"), "#/find/move-out"),
    ),
  );
