/**
 * Telling the views of this page, and the other tabs, that something changed.
 * @module
 */

const channel = "BroadcastChannel" in self ? new BroadcastChannel("maple-bridge-officer") : null;
const listeners = new Set();

if (channel) channel.onmessage = (message) => listeners.forEach((listener) => listener(message.data));

/** Calls back with the topic ("queue", "cache", "session", "network") of each change, whoever made it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Something changed. */
export function tell(topic) {
  listeners.forEach((listener) => listener(topic));
  channel?.postMessage(topic);
}
