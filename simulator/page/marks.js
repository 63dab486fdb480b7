/* How far a message has come, in a mark and a word; and, opened, each step with its time, its webhook, and what can be
   made to happen next. */

import { post } from "./api.js";
import { exactTime, icon, make, trying } from "./dom.js";
import { TOLD } from "./webhooks.js";

let failingWith = "131026";
const STEPS = ["played", "read", "delivered", "sent"];
const ICONS = { accepted: "clock", sent: "tick", delivered: "ticks", read: "ticks", played: "play", failed: "fault" };

export function stateOf(message) {
  if (message.is_ours) {
    const best = STEPS.find((word) => word in message.steps);
    return best === "sent" || !best ? ("failed" in message.steps ? "failed" : best ?? "accepted") : best;
  }
  if (message.is_history) return "delivered";
  if (message.is_read_by_business) return "read";
  return { delivered: "delivered", dropped: "failed", "given up": "failed", "nowhere to go": "failed" }[
    message.webhooks.message?.state
  ] ?? "accepted";
}

const CUSTOMERS_WORDS = { accepted: "on its way", delivered: "at the business", read: "read", failed: "webhook lost" };

function wordOf(message) {
  const state = stateOf(message);
  if (message.is_ours) return state;
  if (message.is_history) return "";
  const carried = message.webhooks.message;
  if (carried?.state === "retrying") return `webhook tried ${carried.attempts}×`;
  if (carried?.state === "nowhere to go") return "no callback set";
  return CUSTOMERS_WORDS[state];
}

export function mark(message, isOpen, page) {
  const state = stateOf(message);
  return make(
    "button",
    { type: "button", class: "mark", "data-state": state, "data-focus": "mark", "aria-expanded": String(isOpen),
      title: "Show each step", onclick: () => page.toggle(message.wamid) },
    icon(ICONS[state]),
    wordOf(message),
  );
}

export function details(message, page) {
  return make("div", { class: "details" }, steps(message), message.error?.code && error(message),
    message.is_ours && !message.is_history && reporting(message), replying(message, page),
    make("p", { class: "wamid" }, message.wamid));
}

function steps(message) {
  const rows = Object.entries(message.steps);
  if (message.webhooks.message) rows.unshift(["message", message.at]);
  if (!rows.length) return make("p", { class: "hint" }, message.is_ours ? "Accepted; no receipt yet." : "Past.");
  return make("ol", { class: "steps" }, ...rows.map(([word, at]) => {
    const carried = message.webhooks[word];
    const told = carried ? `webhook ${TOLD[carried.state] ?? carried.state}${carried.attempts > 1 ? ` after ${carried.attempts} tries` : ""}` : "";
    return make("li", {}, make("b", {}, word), " ", exactTime(at), " ", make("span", {}, told));
  }));
}

function error(message) {
  return make("p", { class: "problem" }, `${message.error.code}: ${message.error.title}`);
}

/* Says that a step happened, as often as it is pressed. */
function reporting(message) {
  const report = (status, more = {}) => trying(() => post("/receipts", { wamid: message.wamid, status, ...more }))();
  const code = make("input", { class: "code", value: failingWith, inputmode: "numeric", "aria-label": "Error code",
    "data-focus": "code", oninput: () => (failingWith = code.value) });
  return make(
    "div",
    { class: "reporting", role: "group", "aria-label": "Report to the business" },
    ...["sent", "delivered", "read", "played"].map((word) =>
      make("button", { type: "button", class: "chip", "data-focus": word, onclick: () => report(word) }, word)),
    make("span", { class: "failing" },
      make("button", { type: "button", class: "chip", onclick: () => report("failed", { code: code.value }) }, "failed"), code),
  );
}

function replying(message, page) {
  const react = (emoji) => trying(() => post(`/customers/${page.customerId}/messages`,
    { type: "reaction", reaction: { message_id: message.wamid, emoji }, number_id: page.numberId }))();
  return make(
    "div",
    { class: "reporting", role: "group", "aria-label": "Answer as the customer" },
    make("button", { type: "button", class: "chip", onclick: () => page.quote(message) }, "Reply to this"),
    ...["👍", "❤️", "😂"].map((emoji) =>
      make("button", { type: "button", class: "chip", "aria-label": `React with ${emoji}`, onclick: () => react(emoji) }, emoji)),
    make("button", { type: "button", class: "chip", onclick: () => react("") }, "No reaction"),
  );
}
