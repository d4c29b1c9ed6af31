/**
 * Asking the services, with the officer's own token. What they answer is never stored by the browser.
 * @module
 */

import { expire, renew, token } from "./session.js";
import { language } from "./words.js";

const PATIENCE = 15_000;
/** What a log says that was put back to an older copy: it has not come as far, or lost what stood there. */
const PUT_BACK = new Set(["/problems/position-ahead", "/problems/position-lost"]);
const positions = new Map();

/** No answer came: no network, or none in time. */
export class Unreachable extends Error {}

/** No token that holds: somebody has to sign in again. */
export class SignedOut extends Error {}

/** The service answered that it will not. */
export class Refused extends Error {
  constructor(status, problem, retryAfter) {
    super(problem?.detail ?? String(status));
    Object.assign(this, { status, problem, retryAfter });
  }
}

/**
 * One request.
 * @param {string} method
 * @param {string} path from the root, such as "/registry/units/wanda-a-1812"
 * @param {{body?: object, key?: string, version?: number}} [options] `key` is the command's id, `version` what was seen
 * @returns {Promise<{data: any, version: number|null}>}
 */
export async function ask(method, path, { body, key, version } = {}) {
  await renew().catch(() => undefined);
  const bearer = await token();
  if (!bearer) throw new SignedOut();
  const answer = await reach(path, {
    method,
    cache: "no-store",
    credentials: "same-origin",
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: headers(path, bearer, body, key, version),
  });
  const text = await answer.text().catch(() => {
    throw new Unreachable();
  });
  remember(answer.headers.get("Maple-Position"), Boolean(key));
  if (answer.status === 401) {
    await expire(bearer);
    throw new SignedOut();
  }
  const data = parsed(text);
  if (PUT_BACK.has(data?.type) && positions.delete(sourceOf(path))) return ask(method, path, { body, key, version });
  if (!answer.ok) throw new Refused(answer.status, data, Number(answer.headers.get("Retry-After")) || null);
  if (data === null && text) throw new Unreachable();
  return { data, version: tagged(answer.headers.get("ETag")) };
}

/** Reads; waits on the server until it has seen what this page has written. */
export const read = async (path) => (await ask("GET", path)).data;

/** Opens what was written, for a purpose; that somebody read it goes on record, so no repeat is taken for another. */
export const open = async (path, body) => (await ask("POST", `${path}/openings`, { body })).data;

/** Reads a whole list, page after page, up to `most` items. */
export async function readAll(path, most = 2000) {
  const items = [];
  let cursor = null;
  do {
    const url = new URL(path, location.origin);
    url.searchParams.set("limit", "200");
    if (cursor) url.searchParams.set("cursor", cursor);
    const page = await read(url.pathname + url.search);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < most);
  return items;
}

async function reach(path, options) {
  try {
    return await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

function headers(path, bearer, body, key, version) {
  const known = positions.get(sourceOf(path));
  const said = { Authorization: `Bearer ${bearer}`, Accept: "application/json", "Accept-Language": language() };
  if (body !== undefined) said["Content-Type"] = "application/json";
  if (key) said["Idempotency-Key"] = key;
  if (Number.isInteger(version)) said["If-Match"] = `"${version}"`;
  if (!key && known) said["Maple-After"] = known.token;
  return said;
}

const sourceOf = (path) => path.split("/")[1];

/** Keeps how far each log had come, without the stream. Only what was written says for sure in which history. */
function remember(said, written) {
  for (const part of (said ?? "").split(",")) {
    const [, token, source, position, history] = /^\s*(([a-z][a-z0-9-]*)=(\d+)(\.[0-9a-f]+)?)/.exec(part) ?? [];
    if (!token) continue;
    const known = positions.get(source);
    const later = !known || (known.history === history ? known.position < Number(position) : written);
    if (later) positions.set(source, { token, history, position: Number(position) });
  }
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

const tagged = (etag) => (etag ? Number(etag.replace(/[^0-9]/g, "")) : null);
