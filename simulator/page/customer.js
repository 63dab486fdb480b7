/* The customer whose phone it is: when their receipts happen, what the business is told of them, what they decide. */

import { post } from "./api.js";
import { make, time, trying } from "./dom.js";
import { field, named } from "./people.js";

const panel = document.getElementById("customer-panel");
const RECEIPTS = [
  ["auto", "Delivered by itself"],
  ["manual", "Sent by itself, the rest by hand"],
  ["silent", "Nothing by itself, not even sent"],
];
const READS = [
  ["open", "Read while the chat is open here"],
  ["always", "Read soon after delivery"],
  ["never", "Read only by hand"],
];
let isMoreOpen = false;
const FLAGS = [
  ["is_reachable", "Can be reached", "Off: a message fails with 131026"],
  ["hides_phone", "Hides the phone number", "The business learns the user id only"],
  ["empty_phone", "A hidden number is sent as “”", "As Meta did for a while"],
  ["is_capped", "Meta withholds marketing", "Marketing fails with 131049"],
];

export function drawCustomer(view, page) {
  panel.hidden = !view.chat;
  if (!view.chat) return;
  const facts = JSON.stringify([view.chat.customer, view.chat.has_stopped_marketing, view.chat.window_until, view.number_id]);
  if (panel.facts === facts) return;
  panel.facts = facts;
  const focused = panel.contains(document.activeElement) ? document.activeElement.name : "";
  panel.replaceChildren(...parts(view, page));
  if (focused) panel.querySelector(`[name="${focused}"]`)?.focus();
}

function parts(view, page) {
  const { customer, has_stopped_marketing: isStopped } = view.chat;
  const path = `/customers/${customer.id}`;
  const change = (facts) => trying(() => post(path, { number_id: page.numberId, ...facts }))();
  const marketing = trying(() => post(`${path}/marketing`, { stopped: !isStopped, number_id: page.numberId }));
  return [
    make("h2", { id: "customer-title" }, named(customer)),
    choice("Receipts", "receipts", RECEIPTS, customer, change),
    choice("Reading", "reads", READS, customer, change),
    make("div", { class: "row" },
      make("span", {}, isStopped ? "Has stopped marketing" : "Takes marketing"),
      make("button", { type: "button", class: "chip", onclick: marketing }, isStopped ? "Resume marketing" : "Stop marketing")),
    more(view, page, change),
  ];
}

function more(view, page, change) {
  const { customer } = view.chat;
  const made = make(
    "details",
    { class: "more", open: isMoreOpen, ontoggle: () => (isMoreOpen = made.open) },
    make("summary", {}, "More about this customer"),
    ...FLAGS.map(([name, label, hint]) => flag(name, label, hint, customer[name], (value) => change({ [name]: value }))),
    flag("blocks", "Blocks this business", "Messages are sent, and never delivered", customer.blocks.includes(page.numberId),
      (value) => change({ blocks: value })),
    moving(customer, page),
    facts(view.chat),
  );
  return made;
}

function choice(label, name, options, customer, change) {
  const select = make("select", { name, onchange: () => change({ [name]: select.value }) },
    ...options.map(([value, words]) => make("option", { value }, words)));
  select.value = customer[name];
  return make("label", { class: "field" }, make("span", {}, label), select);
}

function flag(name, label, hint, value, change) {
  const box = make("input", { type: "checkbox", name, checked: value, onchange: () => change(box.checked) });
  return make("label", { class: "flag" }, box, make("span", {}, label, make("small", {}, hint)));
}

function moving(customer, page) {
  const form = make("form", { class: "inline-form" },
    field("New phone number", "phone", { placeholder: "+62 812-…", inputmode: "tel", required: true }),
    make("button", { type: "submit", class: "chip" }, "Change number"));
  form.addEventListener("submit", trying(async (event) => {
    event.preventDefault();
    await post(`/customers/${customer.id}/number`, { phone: new FormData(form).get("phone"), number_id: page.numberId });
  }));
  return make("div", {}, form,
    make("p", { class: "hint" }, "The user id changes with it: a system message and user_id_update tell the business."));
}

function facts(chat) {
  const closes = chat.window_until * 1000 > Date.now() ? `closes ${new Date(chat.window_until * 1000).toLocaleDateString([], { weekday: "short" })} ${time(chat.window_until)}` : "closed: templates only";
  const rows = [["User id (BSUID)", chat.customer.user_id], ["24-hour window", closes]];
  return make("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}
