/**
 * One unit of the ledger: what it is registered for, what was seen there, who holds it.
 * @module
 */

import { buttonLink, h, section, square } from "../core/dom.js";
import { tenancy, useClass } from "../core/kinds.js";
import * as store from "../core/store.js";
import { day } from "../core/times.js";
import { dots, head, plural, t } from "../core/words.js";
import { buildingName, pending, unitOf } from "../core/world.js";
import { inner, note, pendingLine } from "./frame.js";

/** One unit. */
export async function unitView(known, { id }) {
  const inLedger = unitOf(known, id);
  const full = await store.get("cache", `unit:${id}`);
  const unit = { ...inLedger, ...full };
  if (!unit.id) return inner(known, t("Unit"), "#/ledger", note(t("This unit is not on the phone yet.")));
  return inner(
    known,
    unit.label ?? unit.number,
    `#/ledger/${encodeURIComponent(unit.building)}`,
    h(
      "p",
      { class: "meta lead" },
      square(unit.colour),
      head(dots(useClass(unit.colour), buildingName(unit), t("{n}F", { n: unit.floor }))),
    ),
    pendingLine(pending(known, `unit-${id}`)),
    h("dl", { class: "card facts" }, facts(unit)),
    section(t("Households"), households(unit)),
    section(
      t("Verifications"),
      known.verifications
        .filter((task) => task.unit === id)
        .map((task) => buttonLink(t("Verify {unit}", { unit: task.label }), `#/task/${encodeURIComponent(task.id)}`)),
    ),
    h(
      "div",
      { class: "actions" },
      buttonLink(t("Somebody moves in"), `#/move-in/${encodeURIComponent(id)}`),
      buttonLink(t("Somebody moves out"), `#/move-out/${encodeURIComponent(id)}`),
    ),
  );
}

function facts(unit) {
  const rows = [
    [t("Registered use"), useClass(unit.use_class ?? "")],
    unit.observed_use
      ? [
          t("Observed use"),
          unit.differs
            ? t("{use}, unlike the register", { use: useClass(unit.observed_use) })
            : useClass(unit.observed_use),
        ]
      : null,
    unit.organisation ? [t("Organisation there"), unit.organisation] : null,
    [t("Living there"), plural("{n} person", "{n} persons", unit.occupants ?? 0)],
    unit.to_verify ? [t("To verify"), plural("{n} person", "{n} persons", unit.to_verify)] : null,
  ].filter(Boolean);
  return rows.map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]);
}

/** Those who live there now, as tenancies; a name opens only from its task. */
function households(unit) {
  const running = (unit.tenancies_held ?? []).filter((held) => !held.ended_at);
  return running.map((held) =>
    h(
      "p",
      { class: "card row" },
      h("span", {}, head(tenancy(held.category))),
      h(
        "span",
        { class: "aside" },
        t("since {day}, {people}", {
          day: day(held.since, unit.place ?? unit.building_place),
          people: plural("{n} person", "{n} persons", held.occupants.length),
        }),
      ),
    ),
  );
}
