/**
 * Who is signed in on this phone. The token is sealed at rest; an expired one keeps its owner's name, so that the
 * queue knows whom it waits for.
 * @module
 */

import { seal, unseal } from "./seal.js";
import * as store from "./store.js";
import { tell } from "./tell.js";

const PURPOSE = "session";
const EARLY = 60_000;
const PAUSE = 60_000;

/**
 * The session, or null.
 * @returns {Promise<null|{officer: string, places: string[], expiresAt: number, renewable: boolean, expired: boolean}>}
 */
export async function session() {
  const kept = await store.get("settings", "session");
  if (!kept) return null;
  const { officer, places, placeName, name, expiresAt, renewable } = kept;
  return { officer, places, placeName, name, expiresAt, renewable, expired: Date.now() >= expiresAt };
}

/** Where the instance's time is asked for, and the zone of the beat. */
export async function clockOfBeat() {
  const place = (await session())?.places?.[0];
  return place ? `/officer/clock?place=${encodeURIComponent(place)}` : "/officer/clock";
}

/** The bearer token, or null where there is none that still holds. */
export async function token() {
  const kept = await store.get("settings", "session");
  return kept && Date.now() < kept.expiresAt ? unseal(kept.token, PURPOSE) : null;
}

/** Keeps a token; its claims are read for what to show, the server checks them. */
export async function begin(text, { renewable, placeName = null, name = null }) {
  const claims = claimsOf(text);
  const before = await store.get("settings", "session");
  if (before && before.officer !== claims.sub) await store.clear("cache");
  await store.put(
    "settings",
    {
      officer: claims.sub,
      places: claims.places ?? [],
      placeName,
      name,
      renewable,
      expiresAt: endOf(claims, renewable),
      token: await seal(text, PURPOSE),
    },
    "session",
  );
  tell("session");
}

/** The development issuer lives by the instance's clock, so only the length of its tokens means something here. */
const endOf = ({ iat, exp }, renewable) => (renewable && iat ? Date.now() + (exp - iat) * 1000 : exp * 1000);

/** The server no longer takes the token `text`; one that was fetched meanwhile is left alone. */
export async function expire(text) {
  if (text !== (await token())) return;
  await store.change("settings", "session", (kept) =>
    kept ? { ...kept, expiresAt: 0, refusedAt: Date.now() } : undefined,
  );
  tell("session");
}

let renewing = null;

/** Asks the development issuer for another token when this one ends; several at once are one. */
export function renew() {
  renewing ??= renewed().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function renewed() {
  const kept = await store.get("settings", "session");
  if (!kept?.renewable || Date.now() < kept.expiresAt - EARLY) return;
  // a token that the server refused was not too old, another one would fare no better
  if (Date.now() - (kept.refusedAt ?? 0) < PAUSE) return;
  await request({ officer: kept.officer, place: kept.places[0] });
}

/** Signs an officer in with the development issuer of the demonstration. */
export async function request(choice) {
  const answer = await fetch("session", {
    method: "POST",
    cache: "no-store",
    signal: AbortSignal.timeout(15_000),
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(choice),
  });
  if (!answer.ok) return false;
  const given = await answer.json();
  await begin(given.token, { renewable: true, placeName: given.place_name ?? null, name: given.name ?? null });
  return true;
}

/** Forgets everything on this phone. */
export async function end() {
  for (const name of ["queue", "cache", "keys", "settings"]) await store.clear(name);
  tell("session");
}

/**
 * The claims of a token.
 * @throws {SyntaxError} where the text is no token
 */
export function claimsOf(text) {
  const part = text.trim().split(".")[1];
  if (!part) throw new SyntaxError("no token");
  const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const claims = JSON.parse(new TextDecoder().decode(bytes));
  if (!claims.sub || !claims.exp) throw new SyntaxError("no claims");
  return claims;
}
