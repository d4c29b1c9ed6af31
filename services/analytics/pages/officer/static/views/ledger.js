/**
 * The ledger: a building by its floors, a unit by its number; all of it from the phone.
 * @module
 */

import { h, square } from "../core/dom.js";
import { useClass } from "../core/kinds.js";
import { named, plural, t } from "../core/words.js";
import { buildingName } from "../core/world.js";
import { select } from "./fields.js";
import { frame, inner, note } from "./frame.js";

const CLASSES = ["hotel", "studio", "rental", "owner-occupied", "vacant"];
const HITS = 8;

const hrefOf = (unit, purpose) =>
  purpose ? `#/${purpose}/${encodeURIComponent(unit.id)}` : `#/unit/${encodeURIComponent(unit.id)}`;

/** The tab. */
export function ledgerView(known, { building }) {
  if (!known.buildings.length)
    return frame(
      known,
      t("Ledger"),
      note(
        known.ledger
          ? t("No building of your beat is in the ledger.")
          : t("Nothing is here yet: it comes with the first signal."),
      ),
    );
  const shown = known.buildings.find((each) => each.id === building) ?? known.buildings[0];
  return frame(
    known,
    t("Ledger"),
    search(known, null),
    picker(known, shown),
    legend(),
    h(
      "div",
      { class: "card list floors" },
      shown.floors.map((floor) => floorRow(floor)),
    ),
  );
}

/** Somebody moves in or out: where. */
export function findView(known, { purpose }) {
  const title = purpose === "move-out" ? t("Who leaves: which unit") : t("Who comes: which unit");
  return inner(known, title, "#/today", search(known, purpose));
}

const FEW = 6;

function picker(known, shown) {
  if (known.buildings.length < 2) return h("h2", {}, towerName(shown));
  return known.buildings.length > FEW ? manyTowers(known, shown) : fewTowers(known, shown);
}

/** Many buildings as a list to choose from. */
function manyTowers(known, shown) {
  const part = select(
    "building",
    t("Building"),
    known.buildings.map((each) => [each.id, towerName(each)]),
  );
  part.input.value = shown.id;
  part.input.addEventListener("change", () => {
    location.hash = `#/ledger/${encodeURIComponent(part.input.value)}`;
  });
  return part.row;
}

const fewTowers = (known, shown) =>
  h(
    "p",
    { class: "picker" },
    known.buildings.map((each) =>
      h(
        "a",
        {
          href: `#/ledger/${encodeURIComponent(each.id)}`,
          "data-key": `building-${each.id}`,
          "aria-current": each === shown ? "true" : null,
        },
        towerName(each),
      ),
    ),
  );

const towerName = (building) => named("places", building.place) ?? building.name;

const legend = () =>
  h(
    "p",
    { class: "legend" },
    CLASSES.map((code) => h("span", {}, square(code), useClass(code))),
  );

function floorRow(floor) {
  const strip = h(
    "span",
    { class: "strip", "aria-hidden": "true" },
    floor.units.map((unit) => square(unit.colour)),
  );
  const toVerify = floor.units.reduce((total, unit) => total + (unit.to_verify ?? 0), 0);
  return h(
    "details",
    {},
    h(
      "summary",
      { class: "row", "data-key": `floor-${floor.floor}` },
      h("b", { class: "floor" }, t("{n}F", { n: floor.floor })),
      strip,
      h("span", { class: "aside" }, toVerify ? t("{n} to verify", { n: toVerify }) : ""),
    ),
    h(
      "div",
      { class: "units" },
      floor.units.map((unit) =>
        h(
          "a",
          { href: hrefOf(unit), "data-key": hrefOf(unit) },
          square(unit.colour),
          h("span", {}, unit.number),
          unit.differs ? h("span", { class: "mark" }, t("differs")) : null,
          h("span", { class: "unseen" }, useClass(unit.colour)),
        ),
      ),
    ),
  );
}

const letters = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");

function matches(known, typed) {
  const wanted = letters(typed);
  if (!wanted) return [];
  const units = known.buildings.flatMap((building) =>
    building.floors.flatMap((floor) =>
      floor.units.map((unit) => ({ ...unit, building_name: building.name, building_place: building.place })),
    ),
  );
  return units.filter((unit) => letters(unit.label ?? unit.number).includes(wanted)).slice(0, HITS);
}

/** A field that finds units while one types; Enter opens the only hit. */
function search(known, purpose) {
  const hits = h("div", { class: "card list hits", hidden: true });
  const count = h("p", { class: "unseen", role: "status" });
  const field = h("input", {
    type: "search",
    id: "find",
    autocomplete: "off",
    autocapitalize: "characters",
    enterkeyhint: "search",
    placeholder: t("such as A-1812"),
    "data-key": "find",
  });
  const look = () => {
    const found = matches(known, field.value);
    hits.hidden = !field.value;
    count.textContent = field.value ? plural("{n} unit", "{n} units", found.length) : "";
    hits.replaceChildren(
      ...(found.length
        ? found.map((unit) =>
            h(
              "a",
              { class: "row tap", href: hrefOf(unit, purpose), "data-key": hrefOf(unit, purpose) },
              h(
                "span",
                { class: "name" },
                square(unit.colour),
                h("b", {}, unit.label ?? unit.number),
                h("span", { class: "meta" }, buildingName(unit)),
              ),
              h("span", { class: "aside" }, useClass(unit.colour)),
            ),
          )
        : [note(t("No unit of your beat has this number."))]),
    );
    return found;
  };
  field.addEventListener("input", look);
  field.addEventListener("keydown", (event) => {
    const found = event.key === "Enter" ? look() : [];
    if (found.length === 1) location.hash = hrefOf(found[0], purpose);
  });
  return [h("label", { for: "find", class: "field" }, h("span", {}, t("Unit number")), field), count, hits];
}
