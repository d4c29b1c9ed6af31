/**
 * Signing in: with the development issuer of the demonstration, else with a token of the station's own issuer.
 * @module
 */

import { button, h, section } from "../core/dom.js";
import { send } from "../core/sender.js";
import * as session from "../core/session.js";
import { refresh } from "../core/sync.js";
import { language, named, t } from "../core/words.js";
import { field, wrong } from "./fields.js";
import { note } from "./frame.js";

const TOKEN = "maplebridge token --role officer --place …";

async function choicesOffered() {
  try {
    const answer = await fetch("session", { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function signedIn() {
  location.hash = "#/today";
  await send({ force: true });
  await refresh({ ledger: true });
}

/** The page. */
export async function signInView(known) {
  const offered = await choicesOffered();
  const waiting = known.queue.filter((entry) => entry.state !== "sent").length;
  return [
    h("header", {}, h("h1", { tabindex: "-1" }, t("Sign in")), h("p", { class: "link" }, t("Maple Bridge"))),
    waiting ? note(t("What you did is kept on this phone and goes on once its officer is signed in.")) : null,
    offered?.issuer === "development" && offered.officers.length ? development(offered) : token(offered),
  ];
}

function development(offered) {
  const said = h("p", { class: "wrong", role: "alert" });
  const enter = (choice) => async () => {
    const done = await session.request({ officer: choice.officer, place: choice.place }).catch(() => false);
    if (done) await signedIn();
    else said.textContent = t("That did not work: try again with a signal.");
  };
  return section(
    t("Who are you today"),
    offered.officers.map((choice) =>
      h(
        "button",
        { type: "button", class: "card row tap", "data-key": choice.officer, on: { click: enter(choice) } },
        h(
          "span",
          { class: "name" },
          h("b", {}, named("staff", choice.officer) ?? choice.name?.[language()] ?? choice.officer),
          h("span", { class: "meta" }, named("places", choice.place) ?? choice.place_name?.[language()] ?? ""),
        ),
      ),
    ),
    said,
    h(
      "p",
      { class: "fine" },
      t("Development sign-in: it asks for no password, and exists only in the demonstration and in embedded mode."),
    ),
  );
}

function token(offered) {
  const part = field("token", t("Token of your station"), {
    autocomplete: "off",
    spellcheck: "false",
    type: "password",
  });
  const enter = async () => {
    const text = part.input.value.trim();
    try {
      const claims = session.claimsOf(text);
      if (wrong(part, claims.exp * 1000 <= Date.now(), t("This token has run out: fetch a new one."))) return;
      await session.begin(text, { renewable: false });
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof DOMException)) throw error;
      wrong(part, true, t("This is no token: copy all of it."));
      return;
    }
    part.input.value = "";
    await signedIn();
  };
  return [
    offered ? null : note(t("No answer from the station: signing in needs a signal.")),
    offered?.issuer === "development"
      ? note(t("No city is known here yet. Import one, or sign in with what {command} prints.", { command: TOKEN }))
      : null,
    h(
      "form",
      {
        on: {
          submit: (event) => {
            event.preventDefault();
            enter();
          },
        },
      },
      part.row,
      h(
        "p",
        { class: "fine" },
        t("It is kept on this phone, with the key to it, until you sign out: keep the phone locked."),
      ),
      h("div", { class: "actions" }, button(t("Sign in"), enter, { key: "enter" })),
    ),
  ];
}
