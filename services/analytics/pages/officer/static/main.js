/**
 * The officer's page: which view is shown, and what wakes the queue.
 * @module
 */

import { wind } from "./core/clock.js";
import { show } from "./core/dom.js";
import { send } from "./core/sender.js";
import * as sync from "./core/sync.js";
import { freshUnit } from "./core/sync.js";
import { onChange } from "./core/tell.js";
import { dots, speak, t } from "./core/words.js";
import { world } from "./core/world.js";
import { alertView } from "./views/alerts.js";
import { linkState, tabs } from "./views/frame.js";
import { incidentView } from "./views/incidents.js";
import { findView, ledgerView } from "./views/ledger.js";
import { mineView } from "./views/me.js";
import { queueView } from "./views/queue.js";
import { moveInView, moveOutView } from "./views/registration.js";
import { doorView, roundView } from "./views/rounds.js";
import { signInView } from "./views/signin.js";
import { taskView } from "./views/tasks.js";
import { teahouseView } from "./views/teahouse.js";
import { todayView } from "./views/today.js";
import { unitView } from "./views/unit.js";

/** A view is drawn again when something changes, unless somebody is filling it in; `still` views never are. */
const VIEWS = {
  today: { view: todayView, names: [], tab: "today" },
  alert: { view: alertView, names: ["id"], tab: "today" },
  incident: { view: incidentView, names: ["id"], tab: "today" },
  task: { view: taskView, names: ["id"], tab: "today" },
  round: { view: roundView, names: ["id"], tab: "today" },
  door: { view: doorView, names: ["id", "unit"], tab: "today" },
  find: { view: findView, names: ["purpose"], tab: "today" },
  "move-in": { view: moveInView, names: ["id"], tab: "today", unit: true },
  "move-out": { view: moveOutView, names: ["id"], tab: "today", unit: true },
  ledger: { view: ledgerView, names: ["building"], tab: "ledger" },
  unit: { view: unitView, names: ["id"], tab: "ledger", unit: true },
  teahouse: { view: teahouseView, names: [], tab: "teahouse" },
  me: { view: mineView, names: [], tab: "me" },
  queue: { view: queueView, names: ["order"], tab: "me" },
  "sign-in": { view: signInView, names: [], tab: "me", still: true },
};

const EVERY = 30_000;
const place = document.getElementById("view");
const bar = document.getElementById("tabs");
const said = document.getElementById("said");
const heard = document.getElementById("heard");
let drawn = 0;
let touched = false;

const change = {
  language: async (lang) => {
    localStorage.setItem("maple-bridge.language", lang);
    await learn(lang);
    touched = false;
    await draw();
  },
  theme: (theme) => {
    touched = false;
    localStorage.setItem("maple-bridge.theme", theme);
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  },
  themeNow: () => document.documentElement.dataset.theme ?? "auto",
};

function route(known) {
  const [name, ...rest] = location.hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  const found = known.who ? (VIEWS[name] ?? VIEWS.today) : VIEWS["sign-in"];
  return { ...found, params: Object.fromEntries(found.names.map((key, index) => [key, rest[index]])) };
}

let arriving = false;

/**
 * Draws the view of this address; `moved` means that somebody came here, so the heading takes the focus, in
 * this drawing or in a later one that overtook it.
 */
async function draw({ moved = false, forced = false } = {}) {
  const turn = ++drawn;
  arriving ||= moved;
  const known = await world();
  const { view, params, tab, unit } = route(known);
  const children = await view(known, { ...params, change });
  // somebody may have begun to write while this was made ready
  if (turn !== drawn || (touched && !arriving && !forced)) return;
  show(place, ...children);
  show(bar, ...(known.who ? tabs(known, tab) : []));
  document.title = dots(place.querySelector("h1")?.textContent, t("Maple Bridge"));
  if (!arriving) return;
  arriving = false;
  scrollTo(0, 0);
  place.querySelector("h1")?.focus({ preventScroll: true });
  if (unit) await freshUnit(params.id).then(() => turn === drawn && !touched && draw());
}

let pressed = false;
let missed = null;

/** A tap ends on what it began on: nothing is drawn anew under a thumb. */
function heedThumbs() {
  addEventListener("pointerdown", () => {
    pressed = true;
  });
  const lifted = () =>
    setTimeout(() => {
      pressed = false;
      if (missed) changed(missed);
      missed = null;
    });
  for (const type of ["pointerup", "pointercancel", "blur"]) addEventListener(type, lifted);
}

/** Something changed: the whole view where that disturbs nobody, else only the line that says how fresh it is. */
async function changed(topic) {
  if (topic === "queue") await announce();
  if (pressed) {
    missed = topic;
    return undefined;
  }
  const known = await world();
  if (topic === "network" || topic === "session") tellLink(known);
  if (topic === "session" || !(touched || route(known).still)) return draw({ forced: topic === "session" });
  const line = place.querySelector("header .link");
  if (line) line.textContent = linkState(known);
  return show(bar, ...(known.who ? tabs(known, route(known).tab) : []));
}

/** The link came or went: shown by weight, said aloud once. */
function tellLink(known) {
  document.documentElement.dataset.link = sync.link;
  heard.textContent = linkState(known);
}

let told = new Map();

/** Says once what became of each action. */
async function announce() {
  const { queue } = await world();
  const words = {
    waiting: () => t("Noted."),
    kept: () => t("Noted. It is sent once there is a signal."),
    sent: () => t("The ledger has it."),
    conflict: () => t("The ledger has changed: please choose."),
    refused: () => t("The ledger did not take it."),
  };
  // a signal that comes back is news once the ledger has answered
  const became = ({ id, state }) =>
    state === "waiting" && (sync.link === "offline" || told.get(id) === "kept") ? "kept" : state;
  const now = new Map(queue.map((entry) => [entry.id, became(entry)]));
  for (const [id, state] of now) {
    if (told.get(id) !== state && told.size) say(words[state]());
  }
  told = new Map([["", ""], ...now]);
}

let silence = 0;

function say(words) {
  said.textContent = words;
  clearTimeout(silence);
  silence = setTimeout(() => {
    said.textContent = "";
  }, 4000);
}

async function learn(lang) {
  const answer = await fetch(`messages/${lang}.json`);
  speak(lang, await answer.json());
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

/** Sends what waits and reads what is new. */
async function wake({ force = false } = {}) {
  await send({ force });
  await sync.refresh();
}

async function start() {
  await wind();
  await learn(document.documentElement.lang.startsWith("en") ? "en" : "zh");
  await announce();
  onChange(changed);
  heedThumbs();
  addEventListener("hashchange", () => {
    touched = false;
    draw({ moved: true });
  });
  place.addEventListener("input", () => {
    touched = true;
  });
  place.addEventListener("click", (event) => {
    touched ||= Boolean(event.target.closest(".personal, summary"));
  });
  addEventListener("online", () => wake({ force: true }));
  addEventListener("offline", () => sync.set("offline"));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) wake({ force: true });
  });
  setInterval(() => {
    if (!document.hidden) wake();
  }, EVERY);
  document.documentElement.dataset.link = sync.link;
  await draw();
  await register();
  await wake({ force: true });
}

/** The worker with Background Sync where modules run in workers, else the plain one. */
async function register() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker
    .register("worker.js", { type: "module", scope: "./" })
    .catch(() => navigator.serviceWorker.register("sw.js", { scope: "./" }))
    .catch(() => say(t("This browser keeps nothing for later: stay in reach of a signal.")));
  await navigator.storage?.persist?.();
}

start();
