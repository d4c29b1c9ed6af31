/**
 * Sending the queue: in order, once each, by one tab or worker at a time. An answer that was lost is asked for again
 * under the same key, and the ledger repeats what it said.
 * @module
 */

import { Refused, SignedOut, Unreachable, ask } from "./api.js";
import { now, setClock } from "./clock.js";
import { current } from "./current.js";
import * as queue from "./queue.js";
import { clockOfBeat, session } from "./session.js";
import { set } from "./sync.js";

const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);
const CONFLICT = new Set([409, 412]);
const LONGEST = 5 * 60_000;

let running = null;
let again = false;

/**
 * Sends what waits. Resolves to "done", "unreachable" or "signed-out".
 * @param {{force?: boolean}} [options] force: do not wait for the next try that was planned
 */
export function send(options = {}) {
  if (running) {
    again = true;
    return running;
  }
  running = locked(() => drain(options)).finally(() => {
    running = null;
    if (again) {
      again = false;
      send(options);
    }
  });
  return running;
}

const locked = (work) => (navigator.locks ? navigator.locks.request("maple-bridge-sender", work) : work());

async function drain({ force }) {
  const stuck = new Set();
  const who = await session();
  for (const command of await queue.open()) {
    if (command.state !== "waiting") stuck.add(command.stream);
    if (stuck.has(command.stream) || command.officer !== who?.officer) continue;
    if (!force && command.nextAt > Date.now()) return "unreachable";
    // read again: another tab may have sent or dropped it, an earlier command may have moved its version
    const fresh = await queue.entry(command.order);
    if (fresh?.state !== "waiting") continue;
    const outcome = await attempt(fresh);
    if (outcome === "stuck") stuck.add(command.stream);
    else if (outcome !== "sent") return outcome;
  }
  return "done";
}

async function attempt(command) {
  try {
    const ready = command.fixed ? command : await fix(command);
    const { data } = await ask("POST", ready.path, {
      body: await queue.wholeBody(ready),
      key: ready.id,
      version: ready.version,
    });
    await queue.arrived(ready.order, data);
    await queue.carryOver(ready, data?.version);
    return "sent";
  } catch (error) {
    return failed(command, error);
  }
}

/** A command's body never changes once it may have been sent, or the ledger would take it for another. */
async function fix(command) {
  const version = await queue.standing(command);
  if (!command.timed) return queue.revise(command.order, (before) => ({ ...before, fixed: true, version }));
  await askTheTime();
  const latest = now().toISOString();
  return queue.revise(command.order, (before) => ({
    ...before,
    fixed: true,
    version,
    body: { ...before.body, effective_at: before.body.effective_at ?? (before.at < latest ? before.at : latest) },
  }));
}

async function askTheTime() {
  try {
    const answer = await fetch(await clockOfBeat(), { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (answer.ok) await setClock(await answer.json());
    else throw new Unreachable();
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

async function failed(command, error) {
  if (error instanceof SignedOut) return "signed-out";
  if (error instanceof Refused && CONFLICT.has(error.status)) return conflict(command, error);
  if (error instanceof Refused && !LATER.has(error.status)) {
    await queue.revise(command.order, (before) => ({
      ...before,
      state: "refused",
      problem: error.problem,
      status: error.status,
    }));
    return "stuck";
  }
  if (!(error instanceof Refused) && !(error instanceof Unreachable)) throw error;
  if (error instanceof Unreachable) set("offline");
  const wait = error.retryAfter ? error.retryAfter * 1000 : Math.min(LONGEST, 2000 * 2 ** command.attempts);
  await queue.revise(command.order, (before) => ({
    ...before,
    attempts: before.attempts + 1,
    nextAt: Date.now() + wait,
  }));
  return "unreachable";
}

/** The officer needs both versions; where theirs cannot be had now, the command keeps waiting. */
async function conflict(command, error) {
  try {
    const theirs = await current(command);
    await queue.revise(command.order, (before) => ({
      ...before,
      state: "conflict",
      problem: error.problem,
      status: error.status,
      theirs,
    }));
    return "stuck";
  } catch (second) {
    return second instanceof Refused && !LATER.has(second.status)
      ? failed(command, new Refused(422, error.problem))
      : failed(command, second);
  }
}
