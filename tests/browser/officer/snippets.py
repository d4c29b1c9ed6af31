"""What the tests ask the browser, in its own language."""

KEPT = """async () => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const db = await asked(indexedDB.open("maple-bridge-officer"));
  const all = {};
  for (const name of db.objectStoreNames) all[name] = await asked(db.transaction(name).objectStore(name).getAll());
  db.close();
  return all;
}"""
"""Everything in the phone's database, by store."""

EXTRACTABLE = """async () => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const db = await asked(indexedDB.open("maple-bridge-officer"));
  const key = await asked(db.transaction("keys").objectStore("keys").get("queue"));
  db.close();
  return key.extractable;
}"""
"""Whether the key of the queue can be taken out."""

CACHED = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      found[new URL(request.url).pathname] = await (await cache.match(request)).text();
    }
  }
  return found;
}"""
"""Every cached answer by its path."""

TEXTS = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) found.push(walk.currentNode.textContent.trim());
  for (const each of document.querySelectorAll("[placeholder],[aria-label]")) {
    found.push(each.placeholder ?? "", each.ariaLabel ?? "");
  }
  return found.filter(Boolean);
}"""
"""All words on the page."""

TARGETS = """() => [...document.querySelectorAll(
  "a[href], button, input:not([type=radio]), select, summary, label.choice, .segments label")]
  .filter((each) => each.offsetParent !== null)
  .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 43.5 || box.height < 43.5)"""
"""What is too small for a thumb."""

CONTRASTS = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (value) => (value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4);
  const light = (colour) => colour.slice(0, 3).map((part) => linear(part / 255))
    .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const poor = [];
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !element.offsetParent) continue;
    const ink = light(rgb(getComputedStyle(element).color));
    const [less, more] = [ink, light(ground(element))].sort((one, two) => one - two);
    const ratio = (more + .05) / (less + .05);
    if (ratio < 4.5) poor.push([walk.currentNode.textContent, ratio]);
  }
  return poor;
}"""
"""Words that do not stand out from their ground (WCAG AA)."""

REACHABLE = "[...document.querySelectorAll('#page a[href], #page button')].map((each) => each.dataset.key)"
"""What the keyboard should reach, in the order of the page."""
