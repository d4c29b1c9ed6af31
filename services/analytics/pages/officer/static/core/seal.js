/**
 * Sealing what is personal while it waits on the phone: AES-GCM under a key that the browser hands out to no script.
 * The plain text is in no database file and in no dump of what the page keeps. The key lies in the same profile,
 * though: against a person who unlocks the phone, or copies the whole profile, only the phone's own lock and encryption
 * help. The page says so where something is kept.
 * @module
 */

import * as store from "./store.js";

const KEY = "queue";

async function key() {
  const known = await store.get("keys", KEY);
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // whoever was first wins, so that two tabs never seal under two keys
  return (await store.change("keys", KEY, (there) => (there ? undefined : fresh))) ?? store.get("keys", KEY);
}

/**
 * Seals a value; `purpose` is bound to it, so that one sealed value cannot stand in for another.
 * @returns {Promise<{nonce: Uint8Array, text: ArrayBuffer}>}
 */
export async function seal(value, purpose) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(value));
  const text = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: bytes(purpose) },
    await key(),
    plain,
  );
  return { nonce, text };
}

/** Opens what `seal` made for the same purpose. */
export async function unseal(sealed, purpose) {
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: sealed.nonce, additionalData: bytes(purpose) },
    await key(),
    sealed.text,
  );
  return JSON.parse(new TextDecoder().decode(plain));
}

const bytes = (text) => new TextEncoder().encode(text);
