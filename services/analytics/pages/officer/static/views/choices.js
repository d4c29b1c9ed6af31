/**
 * One of several, then one button: for what should not happen by a slip of the thumb.
 * @module
 */

import { button, h } from "../core/dom.js";
import { t } from "../core/words.js";

/**
 * @param {{legend: string, name: string, options: Array<[string, string]>, main: string, kind?: string,
 *   act: (code: string) => any}} what
 */
export function choices({ legend, name, options, main, kind = "main", act }) {
  const missing = h("p", { class: "wrong", id: `${name}-wrong`, role: "alert" });
  const inputs = options.map(([code]) =>
    h("input", {
      type: "radio",
      name,
      value: code,
      "data-key": `${name}-${code}`,
      on: { change: () => missing.replaceChildren() },
    }),
  );
  const rows = options.map(([, words], place) => h("label", { class: "choice" }, inputs[place], h("span", {}, words)));
  const go = () => {
    const chosen = inputs.find((input) => input.checked);
    if (chosen) return act(chosen.value);
    missing.textContent = t("Choose one first.");
    return inputs[0].focus();
  };
  return h(
    "section",
    {},
    h(
      "fieldset",
      { "aria-describedby": `${name}-wrong` },
      h("legend", {}, legend),
      h("div", { class: "card list" }, rows),
    ),
    missing,
    h("div", { class: "actions" }, button(main, go, { kind, key: `${name}-go` })),
  );
}
