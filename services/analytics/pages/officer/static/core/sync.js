/**
 * Bringing what the officer needs onto the phone, and saying how fresh it is. A part that fails leaves the last one in
 * place and is told apart from the others.
 * @module
 */

import { Refused, SignedOut, Unreachable, read, readAll } from "./api.js";
import { now, setClock } from "./clock.js";
import { clockOfBeat, session } from "./session.js";
import * as shapes from "./shapes.js";
import * as store from "./store.js";
import { tell } from "./tell.js";

const LEDGER_AGE = 10 * 60_000;
const DETAILS = 40;
const ALERTS = 30;
const MAIL = 20;
const BUILDINGS = 200;
const AT_ONCE = 4;

/** What the page knows of its link: "online", "offline" or "signed-out". */
export let link = navigator.onLine ? "online" : "offline";

let running = null;

/** Reads everything anew; several calls at once are one. */
export function refresh({ ledger = false } = {}) {
  running ??= once(ledger).finally(() => {
    running = null;
  });
  return running;
}

/** Reads anew after something was sent; a reading that is under way may have asked too early, so after that one. */
export async function refreshAfter() {
  if (running) await running;
  return refresh();
}

async function once(ledger) {
  const who = await session();
  if (!who) return;
  const since = Date.now();
  try {
    await clock();
    const [failures, events] = await Promise.all([work(who), position()]);
    await store.put("cache", failures, "failures");
    await store.put("cache", { since, instance: now().toISOString(), events }, "synced");
    // the signal may have gone while the last answers were still coming in
    set(navigator.onLine ? "online" : "offline");
    tell("cache");
    // the ledger is large and changes slowly: the work of the day does not wait for it
    if (await ledgerIfOld(who, ledger)) tell("cache");
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof SignedOut)) throw error;
    set(error instanceof SignedOut ? "signed-out" : "offline");
  }
}

/** The link changed, or was found to be otherwise than the browser thought. */
export function set(state) {
  if (link === state) return;
  link = state;
  tell("network");
}

/** How far the platform has read, for the small print; the page does without. */
async function position() {
  try {
    return (await read("/analytics/positions")).total;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

async function clock() {
  const answer = await fetch(await clockOfBeat(), { cache: "no-store", signal: AbortSignal.timeout(10_000) }).catch(
    (error) => {
      throw new Unreachable(error.message);
    },
  );
  if (!answer.ok) throw new Unreachable();
  await setClock(await answer.json());
}

/** Keeps one part; answers its name where a service refused it. */
async function part(name, gather) {
  try {
    await store.put("cache", await gather(), name);
    return [];
  } catch (error) {
    if (error instanceof Unreachable || error instanceof SignedOut) throw error;
    return [name];
  }
}

async function work(who) {
  const place = encodeURIComponent(who.places[0] ?? "");
  const officer = encodeURIComponent(who.officer);
  const failures = await Promise.all([
    part("alerts", () => alerts(place)),
    part("incidents", async () =>
      (await readAll("/incidents/cases?mine=true&state=open")).map(shapes.incident),
    ),
    part("duty", async () => (await readAll("/incidents/duties?mine=true")).map(shapes.duty)),
    part("verifications", async () =>
      (await readAll(`/registry/verifications?state=open&place=${place}`)).map(shapes.verification),
    ),
    part("rounds", () => rounds(officer)),
    part("mail", async () => (await read(`/analytics/mailbox?mine=true&limit=${MAIL}`)).items.map(shapes.message)),
    part("rates", () => read(`/mediation/rates?kind=agenda-item&place=${place}`)),
    part("issues", async () => (await readAll(`/mediation/issues?place=${place}`, 400)).map(shapes.issue)),
  ]);
  return failures.flat().concat(await units());
}

/** Alerts with the times of their evidence, which only each one's own answer has. */
async function alerts(place) {
  const listed = (await readAll(`/analytics/alerts?state=open&place=${place}`)).slice(0, ALERTS);
  return Promise.all(
    listed.map(async ({ id }) => shapes.alert(await read(`/analytics/alerts/${encodeURIComponent(id)}`))),
  );
}

async function rounds(officer) {
  const listed = await readAll(`/registry/visit-rounds?officer=${officer}&state=open`);
  return Promise.all(
    listed
      .slice(0, 10)
      .map(async ({ id }) => shapes.round(await read(`/registry/visit-rounds/${encodeURIComponent(id)}`))),
  );
}

/** The units that have something to verify, in full: their versions are what a verification is made against. */
async function units() {
  const tasks = (await store.get("cache", "verifications")) ?? [];
  const soonest = [...tasks].sort((one, other) => (one.due_at < other.due_at ? -1 : 1));
  const ids = [...new Set(soonest.map((task) => task.unit))].slice(0, DETAILS);
  return (await Promise.all(ids.map((id) => part(`unit:${id}`, () => unit(id))))).flat();
}

const unit = async (id) => shapes.unitInFull(await read(`/registry/units/${encodeURIComponent(id)}`));

/** One unit anew where there is a signal, else as the phone knows it. */
export async function freshUnit(id) {
  await part(`unit:${id}`, () => unit(id)).catch(() => []);
  return store.get("cache", `unit:${id}`);
}

async function ledgerIfOld(who, wanted) {
  const kept = await store.get("cache", "ledger");
  if (kept && !wanted && Date.now() - kept.at < LEDGER_AGE) return false;
  const failures = await part("ledger", async () => {
    const place = encodeURIComponent(who.places[0] ?? "");
    const listed = (await readAll(`/registry/buildings?place=${place}`)).slice(0, BUILDINGS);
    const buildings = [];
    for (let first = 0; first < listed.length; first += AT_ONCE) {
      buildings.push(...(await Promise.all(listed.slice(first, first + AT_ONCE).map(building))));
    }
    return { at: Date.now(), buildings };
  });
  if (failures.length) await store.change("cache", "failures", (before) => [...(before ?? []), ...failures]);
  return true;
}

const building = async ({ id }) => shapes.building(await read(`/registry/buildings/${encodeURIComponent(id)}`));
