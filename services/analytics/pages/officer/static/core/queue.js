/**
 * What the officer did, in order, until the ledger has it. Everything is queued first and sent from the queue, so
 * there is one way whether or not there is a signal.
 *
 * A command's state: `waiting` → gone to the ledger (`sent`), or `conflict` (somebody changed it meanwhile: the
 * officer chooses), or `refused` (a rule forbids it: the officer reads why).
 * @module
 */

import { now } from "./clock.js";
import { seal, unseal } from "./seal.js";
import { session } from "./session.js";
import * as store from "./store.js";
import { tell } from "./tell.js";

const RECEIPTS = 20;

/**
 * @typedef {object} Command
 * @property {string} kind what was done, such as "verify"
 * @property {string} stream what it was done to, such as "unit-wanda-a-1812"
 * @property {string} label what people call it, such as "A-1812"
 * @property {string} path where to send it
 * @property {object} body what to send; nothing personal
 * @property {object} [personal] fields of a person, sealed at once
 * @property {number|null} version what the officer saw of the stream, null where that is not known
 * @property {Record<string, string>} seen what the page showed then
 * @property {boolean} [timed] whether the service takes `effective_at`
 * @property {string} [task] the verification that it was about
 */

/** Queues a command; it is on the disk when this resolves. */
export async function enqueue({ personal, ...command }) {
  const id = crypto.randomUUID();
  const owner = await session();
  const sealed = personal ? await seal(personal, id) : null;
  await store.add("queue", {
    ...command,
    id,
    sealed,
    officer: owner?.officer ?? null,
    state: "waiting",
    at: now().toISOString(),
    madeAt: Date.now(),
    attempts: 0,
    nextAt: 0,
    body: command.body,
    fixed: false,
  });
  tell("queue");
  return id;
}

/** Everything in the queue, oldest first; receipts included. */
export const entries = () => store.all("queue");

/** What has not reached the ledger. */
export const open = async () => (await entries()).filter((entry) => entry.state !== "sent");

/** One command by its order. */
export const entry = (order) => store.get("queue", Number(order));

/** Changes a command; the others see it. */
export async function revise(order, how) {
  const after = await store.change("queue", order, (before) => (before ? how(before) : undefined));
  tell("queue");
  return after;
}

/** What to send: the body, with what was sealed. */
export const wholeBody = async (command) =>
  command.sealed ? merged(command.body, await unseal(command.sealed, command.id)) : command.body;

/** A person's fields belong into the first occupant; other kinds carry no person. */
const merged = (body, personal) => ({ ...body, occupants: [{ ...(body.occupants?.[0] ?? {}), ...personal }] });

/** It arrived: what it said is forgotten, a receipt stays. */
export async function arrived(order, answer) {
  await revise(order, ({ sealed, body, seen, problem, theirs, ...kept }) => ({
    ...kept,
    state: "sent",
    sentAt: Date.now(),
    became: answer?.version ?? null,
    events: (answer?.events ?? []).length,
  }));
  const receipts = (await entries()).filter((each) => each.state === "sent");
  for (const old of receipts.slice(0, -RECEIPTS)) await store.remove("queue", old.order);
}

/** The later commands on the same thing were made knowing of this one: they now stand on what it led to. */
export async function carryOver(sent, version) {
  if (!Number.isInteger(version) || sent.version === null) return;
  for (const later of await open()) {
    if (later.order > sent.order && later.stream === sent.stream && later.version === sent.version && !later.fixed) {
      await revise(later.order, (before) => ({ ...before, version }));
    }
  }
}

/** What a command stands on: the page may have shown a version from before this phone's own commands arrived. */
export async function standing(command) {
  let { version } = command;
  for (const sent of await entries()) {
    if (sent.stream === command.stream && sent.version === version) version = sent.became ?? version;
  }
  return version;
}

/** The officer drops a command; what it said is gone. */
export async function drop(order) {
  await store.remove("queue", Number(order));
  tell("queue");
}

/** The officer sends a command again, knowing what the ledger has now: a new decision, so a new id. */
export async function sendAnew(order) {
  const before = await entry(order);
  const id = crypto.randomUUID();
  const sealed = before.sealed ? await seal(await unseal(before.sealed, before.id), id) : null;
  await revise(Number(order), (command) => ({
    ...command,
    id,
    sealed,
    state: "waiting",
    problem: null,
    theirs: null,
    version: command.theirs?.version ?? command.version,
    attempts: 0,
    nextAt: 0,
    fixed: false,
  }));
}
