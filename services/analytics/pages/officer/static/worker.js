/**
 * The service worker where modules run in workers: it can send the queue with the page closed.
 * @module
 */

import "./sw.js";
import { send } from "./core/sender.js";

self.addEventListener("sync", (event) => {
  if (event.tag !== "queue") return;
  event.waitUntil(
    send({ force: true }).then((outcome) => {
      // the browser tries again later when this rejects
      if (outcome === "unreachable") throw new Error("the queue waits for a signal");
    }),
  );
});
