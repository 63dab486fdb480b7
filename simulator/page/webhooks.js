/* What was posted to the business lately, and what it answered. */

import { post } from "./api.js";
import { exactTime, keyed, make, trying } from "./dom.js";

// “Delivered” is what a message is; a webhook that was answered with 200 is “taken”.
export const TOLD = { delivered: "taken" };

const panel = document.getElementById("webhooks-panel");
const list = make("ol", { class: "deliveries" });
const count = make("p", { class: "row" });

export function prepareWebhooks() {
  panel.append(make("h2", { id: "webhooks-title" }, "Webhooks"), count, list);
}

export function drawWebhooks({ webhooks }) {
  const { waiting, recent } = webhooks;
  if (count.facts !== waiting) {
    count.facts = waiting;
    count.replaceChildren(
      make("span", {}, waiting ? `${waiting} on the way or waiting for another try` : "All taken"),
      ...(waiting ? [make("button", { type: "button", class: "chip", onclick: trying(() => post("/deliveries/now")) }, "Try now")] : []),
    );
  }
  keyed(list, recent, (one) => one.id, row);
}

function row(one) {
  const answer = one.status || (one.note ? "no answer" : "");
  return make(
    "li",
    { "data-state": one.state, title: one.note },
    make("time", {}, exactTime(one.at)),
    make("span", { class: "delivery-words" }, one.words.join(", ")),
    make("span", { class: "delivery-state" }, [TOLD[one.state] ?? one.state, one.attempts > 1 && `${one.attempts} tries`, answer].filter(Boolean).join(" · ")),
  );
}
