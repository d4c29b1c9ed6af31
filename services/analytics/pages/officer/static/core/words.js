/**
 * The words of the page in the officer's language; English is the key, Chinese comes from the catalogue.
 * @module
 */

let catalogue = {};
let current = "zh";
let problemWords = {};
let names = {};

/** The language of the page: "zh" or "en". */
export const language = () => current;

/**
 * Takes a language and its catalogue.
 * @param {string} lang
 * @param {{messages: Record<string, string|string[]>, problems: Record<string, string>}} words and the names of
 *   `places`, `organisations`, `staff` and `categories` by identifier
 */
export function speak(lang, words) {
  current = lang;
  catalogue = words.messages ?? {};
  problemWords = words.problems ?? {};
  names = words;
}

/** Chinese sets no space between its own words; a space beside figures and letters stays. */
const closed = (text) => (current === "zh" ? text.replace(/(\p{Script=Han}) (?=\p{Script=Han})/gu, "$1") : text);

const filled = (text, values) => closed(placed(text, values));

const placed = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

/** A sentence of the catalogue, with `{name}` filled in. */
export function t(text, values = {}) {
  const said = catalogue[text];
  return filled(typeof said === "string" ? said : text, values);
}

/** The first letter large, where a word stands at the head of something. */
export const head = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Parts of one line, dots between them; a line breaks after a dot, never before one. */
export const dots = (...parts) => parts.filter(Boolean).join("\u00a0· ");

/** The name of one of the "places", the "organisations", the "staff" or the "categories"; undefined where none. */
export const named = (kind, ident) => names[kind]?.[ident];

/** A sentence that counts: "1 day", "2 days"; `n` stands in it as `{n}`. */
export function plural(one, many, n, values = {}) {
  const said = catalogue[one];
  const forms = Array.isArray(said) ? said : [one, many];
  return filled(forms.length === 1 || n === 1 ? forms[0] : forms[1], { n, ...values });
}

/**
 * What the ledger answered, as a sentence in the officer's language where the kind of problem is known,
 * else as the ledger said it, without the pointer in front, which is for programs.
 * @param {{type?: string, rule?: string, detail?: string, title?: string, pointer?: string,
 *   parameter?: string}} problem
 */
export function problemSentence(problem) {
  const kind = (problem?.type ?? "").split("/").pop();
  const words = problemWords[problem?.rule] ?? problemWords[kind];
  const where = `${problem?.pointer ?? problem?.parameter}: `;
  const said = problem?.detail?.startsWith(where) ? problem.detail.slice(where.length) : problem?.detail;
  return words ?? said ?? problem?.title ?? t("The ledger did not take it.");
}
