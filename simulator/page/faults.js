/* What goes wrong on purpose. Each kind says in a sentence what it does, and asks only for what it needs. */

import { post, remove } from "./api.js";
import { icon, keyed, make, trying } from "./dom.js";

const panel = document.getElementById("faults-panel");
const WORDS = ["", "message", "sent", "delivered", "read", "played", "failed", "history", "template"];
const FIELDS = {
  code: () => input("code", "Error code", "131000", { inputmode: "numeric", list: "codes" }),
  status: () => input("status", "HTTP status", "502", { inputmode: "numeric" }),
  details: () => input("details", "Details", ""),
  seconds: (value) => input("seconds", "Seconds", value ?? "5", { inputmode: "decimal" }),
  times: () => input("times", "Times in all", "2", { inputmode: "numeric" }),
  size: () => input("size", "How many", "3", { inputmode: "numeric" }),
  on: () => select("on", "Which calls", [["send", "sending"], ["media", "media"], ["graph", "any other"]]),
  word: () => select("word", "Which webhooks", WORDS.map((one) => [one, one || "any"])),
  accepted: (value) => select("accepted", "The message is", [["true", "accepted all the same"], ["false", "not accepted"]], value),
};
const KINDS = [
  ["error", "Error code", "Graph refuses with a code; nothing is accepted.", { code: [], details: [], on: [] }],
  ["fail", "Fails later", "Graph accepts, then a webhook reports it failed.", { code: [] }],
  ["lost_answer", "Answer lost", "The connection closes without an answer.", { accepted: ["true"], on: [] }],
  ["slow", "Slow answer", "Accepted at once, answered late.", { seconds: ["15"], on: [] }],
  ["html", "5xx, no JSON", "A page of HTML instead of an answer.", { status: [], accepted: ["false"], on: [] }],
  ["unreadable", "Broken JSON", "HTTP 200 with half an answer.", { accepted: ["true"], on: [] }],
  ["duplicate", "Duplicate", "The webhook is posted several times.", { times: [], word: [] }],
  ["reorder", "Reorder", "Webhooks are held, then posted in another order.", { size: [], seconds: ["10"], word: [] }],
  ["delay", "Delay", "The webhook is posted late.", { seconds: ["10"], word: [] }],
  ["drop", "Drop", "The webhook is never posted.", { word: [] }],
  ["batch", "Batch", "Webhooks are held, then posted in one body.", { size: [], seconds: ["10"], word: [] }],
];
const NUMBERS = ["code", "status", "times", "size", "count"];
let chosen = "error";
let list;
let fields;

export function prepareFaults(page) {
  fields = make("div", { class: "fault-fields" });
  list = make("ul", { class: "set-faults" });
  const form = make(
    "form",
    { class: "form" },
    make("fieldset", { class: "kinds" }, make("legend", { class: "unseen" }, "Kind of fault"), ...KINDS.map(kind)),
    fields,
    make("button", { type: "submit", class: "button is-main" }, "Set fault"),
  );
  form.addEventListener("submit", trying(async (event) => {
    event.preventDefault();
    await post("/faults", given(new FormData(form), page));
  }));
  panel.append(
    make("h2", { id: "faults-title" }, "Faults"),
    list,
    form,
    make("datalist", { id: "codes" }, ...[4, 100, 190, 130429, 130472, 131000, 131016, 131026, 131047, 131049, 131050, 131056]
      .map((code) => make("option", { value: String(code) }))),
  );
  choose();
}

function kind([name, label]) {
  const radio = make("input", { type: "radio", name: "kind", value: name, checked: name === chosen, onchange: () => {
    chosen = name;
    choose();
  } });
  return make("label", { class: "kind" }, radio, make("span", {}, label));
}

function choose() {
  const [, , words, wanted] = KINDS.find(([name]) => name === chosen);
  fields.replaceChildren(
    make("p", { class: "hint" }, words),
    ...Object.entries(wanted).map(([name, defaults]) => FIELDS[name](...defaults)),
    select("count", "How often", [["1", "once"], ["3", "three times"], ["", "until cleared"]]),
    select("recipient", "For whom", [["", "everyone"], ["this", "this customer"], ["number", "everyone at this number"]]),
  );
}

function given(form, page) {
  const made = {};
  for (const [name, value] of form) {
    if (value === "") continue;
    if (NUMBERS.includes(name)) made[name] = Number.parseInt(value, 10);
    else if (name === "seconds") made[name] = Number.parseFloat(value);
    else if (name === "accepted") made[name] = value === "true";
    else made[name] = value;
  }
  if (made.recipient === "number") {
    made.number_id = page.numberId;
    delete made.recipient;
  }
  if (made.recipient === "this") {
    if (!page.customerId) throw new Error("Choose a customer first.");
    made.recipient = page.customerId;
  }
  return made;
}

export function drawFaults(view) {
  const names = new Map(view.customers.map((one) => [one.id, one.name || one.username || one.phone]));
  const numbers = new Map(view.numbers.map((one) => [one.id, one.name]));
  const who = (one) => names.get(one.recipient) ?? (one.recipient || (numbers.get(one.number_id) ?? one.number_id));
  keyed(list, view.faults.map((one) => ({ ...one, who: who(one) })), (one) => one.id, row);
}

function row(one) {
  const [, label] = KINDS.find(([name]) => name === one.kind) ?? ["", one.kind];
  const more = [
    ["error", "fail"].includes(one.kind) && one.code,
    ["slow", "delay"].includes(one.kind) && `${one.seconds} s`,
    one.word,
    one.who && `for ${one.who}`,
    one.count === null ? "until cleared" : `${one.count} more`,
    `met ${one.met}`,
  ];
  return make("li", {}, icon("fault"), make("span", {}, make("b", {}, label), " ", more.filter(Boolean).join(" · ")),
    make("button", { type: "button", class: "icon-button", onclick: trying(() => remove(`/faults/${one.id}`)) },
      icon("cross"), make("span", { class: "unseen" }, `Clear ${label}`)));
}

function input(name, label, value, facts = {}) {
  return make("label", { class: "field" }, make("span", {}, label), make("input", { name, value, autocomplete: "off", ...facts }));
}

function select(name, label, options, value) {
  const made = make("select", { name }, ...options.map(([one, words]) => make("option", { value: one }, words)));
  if (value !== undefined) made.value = value;
  return make("label", { class: "field" }, make("span", {}, label), made);
}
