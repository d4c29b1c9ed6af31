/**
 * What may be read but not kept: a person's fields and what somebody told. Fetched when asked for,
 * shown, forgotten when the page is left or hidden.
 * @module
 */

import { Refused, SignedOut, open } from "../core/api.js";
import { button, h } from "../core/dom.js";
import { moment } from "../core/times.js";
import { problemSentence, t } from "../core/words.js";

/** A place on the page that fills on request and empties itself. */
function onRequest(label, small, fetchRows) {
  const place = h("div", { class: "personal", "aria-live": "polite" });
  const closed = () => [button(label, show, { kind: "plain", key: label }), h("p", { class: "fine" }, small)];
  const close = () => place.replaceChildren(...closed());
  const show = async () => {
    try {
      const rows = await fetchRows();
      place.replaceChildren(
        rows.length
          ? h(
              "dl",
              { class: "card facts" },
              rows.map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]),
            )
          : h("p", { class: "note" }, t("Nothing is written there.")),
      );
    } catch (error) {
      place.replaceChildren(h("p", { class: "note" }, why(error)), ...closed());
    }
  };
  const hide = () => {
    if (document.hidden) close();
  };
  document.addEventListener("visibilitychange", hide);
  addEventListener(
    "hashchange",
    () => {
      close();
      document.removeEventListener("visibilitychange", hide);
    },
    { once: true },
  );
  close();
  return place;
}

function why(error) {
  if (error instanceof SignedOut) return t("The sign-in has run out: sign in again first.");
  return error instanceof Refused ? problemSentence(error.problem) : t("This opens only with a signal.");
}

/** The occupant's name and phone, for the task at hand; the opening is on record. */
export const person = (task) =>
  onRequest(
    t("Open name and phone"),
    t("Only with a signal. The purpose is this verification, and the opening is on record."),
    async () => {
      const answer = await open(`/registry/subjects/${encodeURIComponent(task.subject)}`, {
        task: task.tenancy,
        fields: ["name", "phone"],
      });
      return [
        [t("Name"), answer.name],
        [t("Phone"), answer.phone],
      ].filter(([, value]) => value);
    },
  );

/** What the caller told; not kept on the phone, and the opening is on record. */
export const description = (incident) =>
  onRequest(t("Open what was told"), t("Only with a signal, not kept on this phone."), async () => {
    const answer = await open(`/incidents/cases/${encodeURIComponent(incident.id)}`, { purpose: "response" });
    return (answer.history ?? []).filter((each) => each.text).map((each) => [moment(each.recorded_at), each.text]);
  });
