/**
 * Fields of a form: a label above, what is wrong below, both tied to the field.
 * @module
 */

import { h } from "../core/dom.js";

function labelled(id, label, input, hint) {
  const message = h("p", { class: "wrong", id: `${id}-wrong`, role: "alert" });
  const row = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    input,
    hint ? h("p", { class: "fine", id: `${id}-hint` }, hint) : null,
    message,
  );
  input.setAttribute("aria-describedby", hint ? `${id}-hint ${id}-wrong` : `${id}-wrong`);
  return { row, input, message };
}

/** A line of text. */
export function field(id, label, { hint, ...attributes } = {}) {
  return labelled(id, label, h("input", { type: "text", id, "data-key": id, ...attributes }), hint);
}

/** One of a few. */
export function select(id, label, options) {
  return labelled(
    id,
    label,
    h(
      "select",
      { id, "data-key": id },
      options.map(([value, words]) => h("option", { value }, words)),
    ),
  );
}

/**
 * When something happened: now, or a time that is picked. `value()` is null for now.
 * @param {string} latest the last moment that may be picked, as the field writes it
 */
export function timeOf(id, legend, now, earlier, latest) {
  const picked = h("input", {
    type: "datetime-local",
    id,
    max: latest,
    value: latest,
    "aria-label": legend,
    "data-key": id,
    hidden: true,
  });
  const options = [now, earlier].map((words, place) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: `${id}-when`,
        checked: place === 0,
        "data-key": `${id}-${place}`,
        on: {
          change: () => {
            picked.hidden = place === 0;
          },
        },
      }),
      h("span", {}, words),
    ),
  );
  const row = h(
    "fieldset",
    { class: "field" },
    h("legend", {}, legend),
    h("div", { class: "segments" }, options),
    picked,
  );
  return { row, input: picked, value: () => (picked.hidden ? null : picked.value || null) };
}

/** Says or unsays what is wrong with a field; `speaks` is false where another check has the word. */
export function wrong(part, broken, words, speaks = true) {
  if (!broken && !speaks) return null;
  if (broken || part.message.textContent === words) part.message.textContent = broken ? words : "";
  part.input.setAttribute("aria-invalid", part.message.textContent ? "true" : "false");
  return broken ? part : null;
}
