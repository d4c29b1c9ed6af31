/**
 * What the ledger has now of the thing that a command was about, in a shape that can be shown beside it.
 * @module
 */

import { ask, read } from "./api.js";

/**
 * @param {{stream: string, version: number|null}} command
 * @returns {Promise<{version: number|null, kind: string, facts: object, since: Array<{at: string, words: object}>}>}
 */
export async function current({ stream, version }) {
  const cut = stream.indexOf("-");
  const kind = stream.slice(0, cut);
  const id = stream.slice(cut + 1);
  return READERS[kind](encodeURIComponent(id), version);
}

const READERS = {
  async unit(id, seen) {
    const { data, version } = await ask("GET", `/registry/units/${id}`);
    const history = await read(`/registry/units/${id}/history?limit=20`);
    return {
      kind: "unit",
      version: version ?? data.version,
      facts: unitFacts(data),
      since: later(history.items, seen),
    };
  },
  async alert(id) {
    const { data, version } = await ask("GET", `/analytics/alerts/${id}`);
    return {
      kind: "alert",
      version: version ?? data.version ?? null,
      since: [],
      facts: { state: data.state, by: data.by ?? null, feedback: data.feedback ?? null },
    };
  },
  async incident(id, seen) {
    const { data, version } = await ask("GET", `/incidents/cases/${id}`);
    return {
      kind: "incident",
      version: version ?? data.version ?? null,
      since: later(data.history, seen),
      facts: { state: data.phase, outcome: data.outcome ?? null },
    };
  },
  async round(id) {
    const { data, version } = await ask("GET", `/registry/visit-rounds/${id}`);
    return {
      kind: "round",
      version: version ?? data.version ?? null,
      since: [],
      facts: { closed: Boolean(data.closed_at), doors: data.doors.map(({ unit, outcome }) => ({ unit, outcome })) },
    };
  },
};

/** What happened since the officer looked, without any text that somebody wrote. */
const later = (history, seen) =>
  (history ?? [])
    .filter((item) => seen !== null && item.version > seen)
    .map(({ recorded_at: at, words, actor }) => ({ at, words, role: actor?.role ?? null }));

const unitFacts = (unit) => ({
  colour: unit.colour,
  tenancies: unit.tenancies,
  occupants: unit.occupants,
  to_verify: unit.to_verify,
  overdue: unit.overdue,
});
