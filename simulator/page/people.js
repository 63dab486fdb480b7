/* The list of customers, and the form that makes one. */

import { post } from "./api.js";
import { keyed, make, when } from "./dom.js";

const list = document.getElementById("people");
const hint = document.getElementById("people-hint");

export function preparePeople(page) {
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => page.find(filter.value.trim()));
  document.getElementById("new-customer").addEventListener("click", () => ask(page));
}

export function drawPeople(view, page) {
  const rows = view.customers.map((one) => ({ ...one, isChosen: one.id === page.customerId }));
  keyed(list, rows, (one) => one.id, (one) => row(one, page));
  const isEmpty = !rows.length && !document.getElementById("filter").value;
  hint.hidden = !(isEmpty || view.more_customers || !rows.length);
  if (isEmpty) hint.textContent = "Nobody yet. Make a customer, then write to the business as them.";
  else if (!rows.length) hint.textContent = "Nobody is called that.";
  else hint.textContent = `${view.more_customers} more: find them by name or number.`;
}

export function named(customer) {
  return customer.name || (customer.username && `@${customer.username}`) || `+${customer.phone}`;
}

export function known(customer) {
  const phone = customer.phone && !customer.hides_phone ? `+${customer.phone}` : "";
  return [phone, customer.username && `@${customer.username}`].filter(Boolean).join(" · ");
}

function row(one, page) {
  const said = one.preview ? `${one.is_ours ? "Business: " : ""}${one.preview}` : "No messages with this number yet";
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "person", "data-focus": "row", "aria-current": one.isChosen ? "true" : undefined,
        onclick: () => page.choose(one.id) },
      make("span", { class: "person-name" }, named(one)),
      make("span", { class: "person-time" }, one.at ? when(one.at) : ""),
      make("span", { class: "person-known" }, known(one) || "user id only"),
      make("span", { class: "person-said" }, said),
      one.unread > 0 && make("span", { class: "count" }, String(one.unread), make("span", { class: "unseen" }, " unread")),
    ),
  );
}

function ask(page) {
  const dialog = document.getElementById("make-customer");
  const problem = make("p", { class: "problem", role: "alert" });
  const form = make(
    "form",
    { class: "form", onsubmit: (event) => { event.preventDefault(); add(); } },
    make("h2", { id: "make-title" }, "New customer"),
    field("Name", "name", { placeholder: "Ayla Demir", required: true }),
    field("Phone number", "phone", { placeholder: "+62 812-0000-0001", inputmode: "tel" }),
    field("Username", "username", { placeholder: "ayla.d", autocapitalize: "none" }),
    make("p", { class: "hint" }, "With a username and no phone number, the business learns only a user id (BSUID)."),
    problem,
    make(
      "div",
      { class: "form-end" },
      make("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
      make("button", { type: "submit", class: "button is-main" }, "Make customer"),
    ),
  );
  async function add() {
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
    try {
      const made = await post("/customers", given);
      dialog.close();
      page.choose(made.id);
    } catch (refusal) {
      problem.textContent = refusal.message;
    }
  }
  dialog.replaceChildren(form);
  dialog.showModal();
}

export function field(label, name, facts = {}) {
  return make("label", { class: "field" }, make("span", {}, label), make("input", { name, autocomplete: "off", ...facts }));
}

