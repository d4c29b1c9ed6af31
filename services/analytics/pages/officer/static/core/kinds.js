/**
 * The words for what the services call by a code. Each code stands here once; a code that is not known is said in
 * general words, never shown raw.
 * @module
 */

import { dots, named, t } from "./words.js";

const said = (words, otherwise) => (code) => (words[code] ?? otherwise)();

/** A unit's class, and what was seen there. */
export const useClass = said(
  {
    hotel: () => t("hotel"),
    studio: () => t("studio"),
    rental: () => t("rental"),
    "owner-occupied": () => t("owner-occupied"),
    vacant: () => t("vacant"),
    other: () => t("other use"),
  },
  () => t("not classified"),
);

/** How a household holds a unit. */
export const tenancy = said(
  {
    "long-let": () => t("long let"),
    "short-let": () => t("short let"),
    owner: () => t("owner"),
  },
  () => t("tenancy"),
);

/** How somebody was verified. */
export const method = said(
  {
    "document-seen": () => t("Document seen"),
    "register-query": () => t("Register asked"),
    "network-identity": () => t("Network identity"),
    "in-person": () => t("Known in person"),
  },
  () => t("Verified"),
);

/** Why an attempt did not succeed. */
export const reason = said(
  {
    "nobody-home": () => t("Nobody home"),
    "document-missing": () => t("No document at hand"),
    "document-mismatch": () => t("Document does not match"),
    "no-cooperation": () => t("Did not cooperate"),
    "system-away": () => t("Register out of reach"),
  },
  () => t("Not verified"),
);

/** What a knock at a door met. */
export const visit = said(
  {
    met: () => t("Met"),
    "nobody-home": () => t("Nobody home"),
    "no-cooperation": () => t("Did not cooperate"),
    "moved-away": () => t("Moved away"),
  },
  () => t("Visited"),
);

/** How an incident ended. */
export const outcome = said(
  {
    settled: () => t("Settled on the spot"),
    "handed-to-mediation": () => t("Handed to mediation"),
    "handed-to-investigation": () => t("Handed to investigation"),
    unfounded: () => t("Nothing to it"),
    duplicate: () => t("Reported twice"),
  },
  () => t("Resolved"),
);

/** How far an incident has come. */
export const phase = said(
  {
    reported: () => t("reported"),
    triaged: () => t("judged"),
    dispatched: () => t("sent to you"),
    "en-route": () => t("on the way"),
    arrived: () => t("there"),
    resolved: () => t("resolved"),
    reopened: () => t("reopened"),
  },
  () => t("open"),
);

/** What an officer says of an alert in the end. */
export const feedback = said(
  {
    acted: () => t("It was right, I acted"),
    "no-action-needed": () => t("It was right, nothing to do"),
    "false-alarm": () => t("It was wrong"),
  },
  () => t("closed"),
);

/** Where an alert stands. */
export const alertState = said(
  {
    raised: () => t("nobody has taken it"),
    open: () => t("nobody has taken it"),
    escalated: () => t("nobody has taken it, the station was told"),
    acknowledged: () => t("taken"),
    closed: () => t("closed"),
    settled: () => t("nothing of it is left"),
  },
  () => t("open"),
);

/** Who registered something. */
export const role = said(
  {
    officer: () => t("officer"),
    supervisor: () => t("supervisor"),
    dispatcher: () => t("dispatcher"),
    mediator: () => t("mediator"),
    auxiliary: () => t("auxiliary officer"),
    patrol: () => t("patrol"),
    "property-manager": () => t("property manager"),
    operator: () => t("operator"),
    resident: () => t("resident"),
    integrator: () => t("city platform"),
    system: () => t("the platform"),
  },
  () => t("somebody"),
);

/** Where an issue stands. */
export const issuePhase = said(
  {
    raised: () => t("raised"),
    committed: () => t("promised"),
    resolved: () => t("done, awaiting the resident"),
    check: () => t("done, to be looked at"),
    confirmed: () => t("confirmed"),
    disputed: () => t("disputed"),
  },
  () => t("open"),
);

/** A category: its kind and, where that has a name, what it is in particular. */
export function category(path) {
  const known = named("categories", path);
  if (known) return known;
  const segments = (path ?? "").split("/");
  const kind = named("categories", segments[0]) ?? t("Other matter");
  return segments.length > 1 ? dots(kind, named("categories", `*/${segments.at(-1)}`)) : kind;
}

/** Who did something: a colleague's name where it is known. */
export const colleague = (id) => named("staff", id) ?? t("a colleague");

const COMMANDS = {
  acknowledge: () => t("Take the alert"),
  close: () => t("Close the alert"),
  "en-route": () => t("On the way"),
  arrive: () => t("Arrived"),
  resolve: () => t("Resolved"),
  "on-duty": () => t("Come on duty"),
  "off-duty": () => t("Go off duty"),
  verify: () => t("Verified"),
  "not-verified": () => t("Not verified"),
  "move-in": () => t("Move in"),
  "move-out": () => t("Move out"),
  visit: () => t("Visit"),
  "close-round": () => t("End the round"),
};

/** What an officer did. */
export const command = (kind) => (COMMANDS[kind] ?? (() => t("Action")))();
