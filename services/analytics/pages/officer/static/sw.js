/*
 * The service worker: the page itself, from the phone. SHELL ({version, files}) stands before this text, written by the
 * server from what it serves, so that a changed file changes this one and a new shell is fetched as a whole.
 * What the services answer never passes through a cache.
 */
const CACHE = `officer-${SHELL.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SHELL.files.map((file) => new Request(file, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => name.startsWith("officer-") && name !== CACHE).map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const scope = new URL(self.registration.scope);
  if (event.request.method !== "GET" || url.origin !== scope.origin) return;
  const file = url.pathname.startsWith(scope.pathname) ? url.pathname.slice(scope.pathname.length) : null;
  const wanted = event.request.mode === "navigate" && file !== null ? "" : file;
  if (wanted === null || !SHELL.files.includes(`./${wanted}`)) return;
  event.respondWith(
    caches.match(new URL(wanted, scope).href, { cacheName: CACHE }).then((kept) => kept ?? fetch(event.request)),
  );
});
