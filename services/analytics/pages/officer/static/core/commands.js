/**
 * What an officer can do, each as the command that goes into the queue. `seen` keeps what the page showed, for the day
 * when the ledger has something else.
 * @module
 */

import { enqueue } from "./queue.js";
import { send } from "./sender.js";
import { refreshAfter } from "./sync.js";

async function queued(command) {
  const id = await enqueue(command);
  send({ force: true }).then((outcome) => (outcome === "done" ? refreshAfter() : undefined));
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("queue")).catch(() => undefined);
  return id;
}

const at = (path) => path.map(encodeURIComponent).join("/");

/** "我来处理" */
export const acknowledge = (alert, label) =>
  queued({
    kind: "acknowledge",
    stream: `alert-${alert.id}`,
    label,
    path: `/analytics/alerts/${at([alert.id])}/acknowledgement`,
    body: {},
    version: alert.version,
    seen: { alertState: alert.state },
  });

/** The officer is done with it and says whether it was right. */
export const closeAlert = (alert, label, feedback) =>
  queued({
    kind: "close",
    stream: `alert-${alert.id}`,
    label,
    path: `/analytics/alerts/${at([alert.id])}/closure`,
    body: { feedback },
    version: alert.version,
    seen: { alertState: alert.state },
  });

const STEPS = { "en-route": "departures", arrive: "arrivals", resolve: "resolution" };

/** A step of an incident: "en-route", "arrive" or "resolve". */
export const step = (incident, label, kind, body = {}) =>
  queued({
    kind,
    stream: `incident-${incident.id}`,
    label,
    path: `/incidents/cases/${at([incident.id])}/${STEPS[kind]}`,
    body,
    version: incident.version,
    timed: true,
    seen: { phase: incident.phase },
  });

const onDuty = (who, kind, path) =>
  queued({ kind, stream: dutyOf(who), label: "", path, body: {}, version: null, seen: {} });

/** The stream of an officer's duty. */
export const dutyOf = (who) => `duty-${who.officer}`;

/** The officer is there from now on: the dispatch room can pick them. */
export const comeOnDuty = (who) => onDuty(who, "on-duty", "/incidents/duties");

/** The officer is there no longer. */
export const goOffDuty = (who) => onDuty(who, "off-duty", "/incidents/duties/end");

const toTask = (task, version, kind, body) =>
  queued({
    kind,
    stream: `unit-${task.unit}`,
    label: task.label,
    path: `/registry/units/${at([task.unit])}/tenancies/${at([task.tenancy])}/verifications`,
    body: { subject: task.subject, ...body },
    version,
    timed: true,
    task: task.id,
    seen: { task: "open", due: task.due_at },
  });

/** The occupant is who the registration says. */
export const verify = (task, version, method) => toTask(task, version, "verify", { method });

/** An attempt that did not succeed. */
export const notVerified = (task, version, failed) => toTask(task, version, "not-verified", { failed });

/** A household moves in; name, phone and document are sealed on the phone until they are sent. */
export const moveIn = (unit, { category, lease_filing, effective_at, person }) =>
  queued({
    kind: "move-in",
    stream: `unit-${unit.id}`,
    label: unit.label,
    path: `/registry/units/${at([unit.id])}/move-ins`,
    body: { category, ...(lease_filing ? { lease_filing } : {}), ...(effective_at ? { effective_at } : {}) },
    personal: person,
    version: unit.version,
    timed: true,
    seen: { tenancies: String(unit.tenancies) },
  });

/** A household moves out. */
export const moveOut = (unit, tenancy, effective_at) =>
  queued({
    kind: "move-out",
    stream: `unit-${unit.id}`,
    label: unit.label,
    path: `/registry/units/${at([unit.id])}/tenancies/${at([tenancy])}/move-out`,
    body: effective_at ? { effective_at } : {},
    version: unit.version,
    timed: true,
    seen: { tenancies: String(unit.tenancies) },
    tenancy,
  });

/** What a knock at a door met. */
export const visit = (round, door, outcome) =>
  queued({
    kind: "visit",
    stream: `round-${round.id}`,
    label: door.label,
    path: `/registry/visit-rounds/${at([round.id])}/visits`,
    body: { unit: door.unit, outcome },
    version: round.version,
    timed: true,
    seen: { door: door.outcome ?? "none" },
    door: door.unit,
    result: outcome,
  });

/** The round has ended. */
export const closeRound = (round, label) =>
  queued({
    kind: "close-round",
    stream: `round-${round.id}`,
    label,
    path: `/registry/visit-rounds/${at([round.id])}/closing`,
    body: {},
    version: round.version,
    timed: true,
    seen: { round: "open" },
  });
