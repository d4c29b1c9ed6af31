/**
 * What is mine: the queue, the language, the theme, the way out.
 * @module
 */

import { button, buttonLink, h, section, whole } from "../core/dom.js";
import { command } from "../core/kinds.js";
import * as session from "../core/session.js";
import { send } from "../core/sender.js";
import { refresh } from "../core/sync.js";
import { moment } from "../core/times.js";
import { language, named, plural, t } from "../core/words.js";
import { frame, note } from "./frame.js";

/** The tab. */
export function mineView(known, { change }) {
  const open = known.queue.filter((entry) => entry.state !== "sent");
  const sent = known.queue
    .filter((entry) => entry.state === "sent")
    .reverse()
    .slice(0, 10);
  return frame(
    known,
    t("Me"),
    expired(known),
    section(
      t("Queue"),
      open.length
        ? h(
            "div",
            { class: "card list" },
            open.map((entry) => row(known, entry)),
          )
        : note(t("All is sent.")),
      open.length
        ? h(
            "div",
            { class: "actions" },
            button(
              t("Send now"),
              () => {
                send({ force: true });
                refresh();
              },
              { kind: "plain" },
            ),
          )
        : null,
    ),
    section(
      t("Sent"),
      sent.length
        ? h(
            "div",
            { class: "card list" },
            sent.map((entry) => row(known, entry)),
          )
        : null,
    ),
    setting(
      "language",
      t("Language"),
      [
        ["zh", "中文"],
        ["en", "English"],
      ],
      language(),
      change.language,
    ),
    setting(
      "theme",
      t("Light"),
      [
        ["auto", t("As the phone")],
        ["light", t("Paper")],
        ["dark", t("Night")],
      ],
      change.themeNow(),
      change.theme,
    ),
    section(
      t("Sign-in"),
      h(
        "p",
        { class: "card row" },
        h("b", {}, named("staff", known.who?.officer) ?? known.who?.name?.[language()] ?? t("Officer")),
        h("span", { class: "aside" }, known.who?.officer ?? ""),
      ),
      h(
        "p",
        { class: "fine" },
        t("What waits here is encrypted, but the key lies on this phone too: its lock is what protects it."),
      ),
      leave(open),
    ),
  );
}

const expired = (known) =>
  known.who?.expired
    ? h(
        "p",
        { class: "note asks" },
        t("The sign-in has run out. What you do is kept and sent once you are signed in again."),
        " ",
        h("a", { href: "#/sign-in" }, t("Sign in again")),
      )
    : null;

function row(known, entry) {
  const asks = entry.state === "conflict" || entry.state === "refused";
  const href = `#/queue/${entry.order}`;
  const inside = [
    h("span", { class: "name" }, h("b", {}, command(entry.kind)), h("span", { class: "meta" }, whole(entry.label))),
    h("span", { class: asks ? "aside strong" : "aside" }, stateWords(known, entry)),
  ];
  return entry.state === "sent"
    ? h("div", { class: "row" }, inside)
    : h("a", { class: "row tap", href, "data-key": href, "data-state": entry.state }, inside);
}

/** Where a command stands, in words. */
export function stateWords(known, entry) {
  if (entry.state === "sent") return t("sent {time}", { time: moment(entry.at) });
  if (entry.state === "conflict") return t("changed meanwhile, choose");
  if (entry.state === "refused") return t("not taken, see why");
  if (known.who?.officer !== entry.officer) return t("waits for its officer");
  if (known.who?.expired) return t("waits for the sign-in");
  if (
    known.queue.some(
      (each) =>
        each.order < entry.order && each.stream === entry.stream && ["conflict", "refused"].includes(each.state),
    )
  ) {
    return t("waits for the one before");
  }
  return t("waits for a signal");
}

function setting(name, legend, options, chosen, act) {
  return h(
    "fieldset",
    { class: "setting" },
    h("legend", {}, legend),
    h(
      "div",
      { class: "segments" },
      options.map(([value, words]) =>
        h(
          "label",
          { lang: value === "en" || value === "zh" ? value : null },
          h("input", {
            type: "radio",
            name,
            value,
            checked: value === chosen,
            "data-key": `${name}-${value}`,
            on: { change: () => act(value) },
          }),
          h("span", {}, words),
        ),
      ),
    ),
  );
}

/** Leaving clears the phone; with something unsent it asks first. */
function leave(open) {
  const place = h("div", { class: "actions" });
  const go = async () => {
    await session.end();
    location.hash = "#/sign-in";
  };
  const ask = () => {
    if (!open.length) return go();
    return place.replaceChildren(
      h(
        "p",
        { class: "wrong", role: "alert" },
        plural(
          "{n} action is not sent yet and would be lost.",
          "{n} actions are not sent yet and would be lost.",
          open.length,
        ),
      ),
      button(t("Sign out and lose them"), go, { kind: "plain" }),
      buttonLink(t("Stay"), "#/today", "main"),
    );
  };
  place.append(button(t("Sign out and clear this phone"), ask, { kind: "plain" }));
  return place;
}
