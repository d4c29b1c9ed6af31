/**
 * Move in, move out. The fields of a person are in this form, in the sealed queue, and then nowhere on the phone.
 * @module
 */

import { fromField, now, toField } from "../core/clock.js";
import * as commands from "../core/commands.js";
import { couldBeNumber, isResidentNumber, tidy } from "../core/document.js";
import { button, h } from "../core/dom.js";
import { tenancy } from "../core/kinds.js";
import * as store from "../core/store.js";
import { day } from "../core/times.js";
import { plural, t } from "../core/words.js";
import { unitOf } from "../core/world.js";
import { choices } from "./choices.js";
import { field, select, timeOf, wrong } from "./fields.js";
import { inner, note } from "./frame.js";

const CATEGORIES = { "owner-occupied": ["owner", "long-let", "short-let"] };
const FILING = /^[a-z0-9][a-z0-9._-]{0,79}$/;

async function unitKnown(known, id) {
  const full = await store.get("cache", `unit:${id}`);
  const unit = { ...unitOf(known, id), ...full };
  return unit.id ? unit : null;
}

const placeOf = (unit) => unit.place ?? unit.building_place;

const when = (id, legend, unit) => timeOf(id, legend, t("Just now"), t("Earlier"), toField(now(), placeOf(unit)));

const momentOf = (part, unit) => (part.value() ? fromField(part.value(), placeOf(unit)) : null);

const labelled = (unit) => ({ ...unit, label: unit.label ?? unit.number });

/** The form of a move-in. */
export async function moveInView(known, { id }) {
  const unit = await unitKnown(known, id);
  if (!unit) return inner(known, t("Move in"), "#/find/move-in", note(t("This unit is not on the phone yet.")));
  const title = t("{unit} move in", { unit: labelled(unit).label });
  if (unit.use_class === "hotel") {
    return inner(
      known,
      title,
      "#/find/move-in",
      note(t("This is a hotel: its operator counts the stays, nobody moves in here.")),
    );
  }
  const form = moveInForm(unit);
  return inner(known, title, "#/find/move-in", form);
}

function moveInForm(unit) {
  const parts = {
    category: select(
      "category",
      t("How it is held"),
      (CATEGORIES[unit.use_class] ?? ["long-let", "short-let"]).map((code) => [code, tenancy(code)]),
    ),
    name: field("name", t("Name"), { required: true, maxlength: "80", autocomplete: "off" }),
    phone: field("phone", t("Phone"), { type: "tel", maxlength: "21", autocomplete: "off" }),
    kind: select("kind", t("Document"), [
      ["resident", t("Resident identity card")],
      ["other", t("Passport or other")],
      ["none", t("None at hand")],
    ]),
    document: field("document", t("Document number"), {
      maxlength: "30",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
    }),
    filing: field("filing", t("Lease filing"), {
      maxlength: "80",
      autocomplete: "off",
      hint: t("Leave empty where none is filed."),
    }),
    since: when("since", t("Moved in"), unit),
  };
  parts.kind.input.addEventListener("change", () => {
    parts.document.row.hidden = parts.kind.input.value === "none";
  });
  const submit = async () => {
    if (!checked(parts)) return;
    await commands.moveIn(labelled(unit), asked(parts, unit));
    // the typed values go with the form
    form.reset();
    location.hash = "#/today";
  };
  const form = h(
    "form",
    {
      novalidate: true,
      autocomplete: "off",
      on: {
        submit: (event) => {
          event.preventDefault();
          submit();
        },
      },
    },
    Object.values(parts).map((part) => part.row),
    h(
      "p",
      { class: "fine" },
      t("Name, phone and number wait on this phone, with the key to them, until the ledger has them: keep it locked."),
    ),
    h("div", { class: "actions" }, button(t("Note the move-in"), submit, { key: "submit" })),
  );
  return form;
}

function checked(parts) {
  const number = tidy(parts.document.input.value);
  const kind = parts.kind.input.value;
  const problems = [
    wrong(parts.name, !parts.name.input.value.trim(), t("A name is needed.")),
    wrong(
      parts.document,
      kind === "resident" && !isResidentNumber(number),
      t("This number has a slip: eighteen characters, the last one checks the others."),
    ),
    wrong(
      parts.document,
      kind === "other" && !couldBeNumber(number),
      t("Letters and digits, five at least."),
      kind === "other",
    ),
    wrong(
      parts.phone,
      parts.phone.input.value && !/^\+?\d[\d -]{3,18}\d$/.test(parts.phone.input.value.trim()),
      t("Digits only."),
    ),
    wrong(
      parts.filing,
      parts.filing.input.value && !FILING.test(filing(parts)),
      t("Small letters, digits, dot and hyphen only."),
    ),
  ].filter(Boolean);
  problems[0]?.input.focus();
  return problems.length === 0;
}

const filing = (parts) => parts.filing.input.value.trim().toLowerCase();

function asked(parts, unit) {
  const kind = parts.kind.input.value;
  const person = { name: parts.name.input.value.trim() };
  if (parts.phone.input.value.trim()) person.phone = parts.phone.input.value.trim();
  if (kind !== "none") person.document = tidy(parts.document.input.value);
  return {
    category: parts.category.input.value,
    lease_filing: filing(parts) || null,
    person,
    effective_at: momentOf(parts.since, unit),
  };
}

/** Who leaves. */
export async function moveOutView(known, { id }) {
  const unit = await unitKnown(known, id);
  const back = "#/find/move-out";
  if (!unit) return inner(known, t("Move out"), back, note(t("This unit is not on the phone yet.")));
  const title = t("{unit} move out", { unit: labelled(unit).label });
  const running = (unit.tenancies_held ?? []).filter((held) => !held.ended_at);
  if (!unit.tenancies_held) return inner(known, title, back, note(t("Who lives here comes with the next signal.")));
  if (!running.length) return inner(known, title, back, note(t("The ledger has nobody living here.")));
  const since = when("left", t("Moved out"), unit);
  return inner(
    known,
    title,
    back,
    since.row,
    choices({
      legend: t("Which household"),
      name: "tenancy",
      main: t("Note the move-out"),
      options: running.map((held) => [
        held.tenancy,
        t("{category}, since {day}, {people}", {
          category: tenancy(held.category),
          day: day(held.since, placeOf(unit)),
          people: plural("{n} person", "{n} persons", held.occupants.length),
        }),
      ]),
      act: async (code) => {
        await commands.moveOut(labelled(unit), code, momentOf(since, unit));
        location.hash = "#/today";
      },
    }),
  );
}
