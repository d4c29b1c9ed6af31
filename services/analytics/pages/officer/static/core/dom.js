/**
 * Making elements. There is no template text here, so nothing that a person typed can become markup.
 * @module
 */

/**
 * An element.
 * @param {string} tag its name
 * @param {Record<string, any>} [attributes] `on` holds listeners, `dataset` data attributes; false and null
 *   are left out
 * @param {...(Node|string|null|false|Array)} children text is escaped by being text
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    } else if (name === "dataset") {
      Object.assign(element.dataset, value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * A button that does something here; `kind` is "main", "plain" or "quiet".
 * @param {string} label
 * @param {() => any} act
 */
export function button(label, act, { kind = "main", key = label } = {}) {
  return h("button", { type: "button", class: `button ${kind}`, "data-key": key, on: { click: once(act) } }, label);
}

/** A second tap while the first is at work does nothing. */
export function once(act) {
  let busy = false;
  return async (event) => {
    if (busy) return;
    busy = true;
    try {
      await act(event);
    } finally {
      busy = false;
    }
  };
}

/** A link that looks like a button and leads to another view. */
export function buttonLink(label, href, kind = "plain") {
  return h("a", { class: `button ${kind}`, href, "data-key": href }, label);
}

/** The square of a unit's class; its word stands beside it for those who cannot tell the colours. */
export function square(colour) {
  return h("span", { class: `square ${colour ?? "vacant"}`, "aria-hidden": "true" });
}

/** Text in which "A-1812" and "01-04" are never broken at their hyphen. */
export const whole = (text) =>
  text.split(/(\w+(?:-\w+)+)/).map((part, place) => (place % 2 ? h("span", { class: "whole" }, part) : part));

/** A section with its small heading; nothing where there are no children. */
export function section(title, ...children) {
  const shown = children.flat(Infinity).filter(Boolean);
  return shown.length ? h("section", {}, h("h2", {}, whole(title)), ...shown) : null;
}

/** Puts new children in place and keeps the keyboard where it was. */
export function show(place, ...children) {
  const key = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  place.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
