/* Puts the parts together. What is chosen (customer, number) is in the address, so that a reload keeps it. */

import { drawChat, prepareChat } from "./chat.js";
import { prepareComposer } from "./composer.js";
import { drawCustomer } from "./customer.js";
import { make } from "./dom.js";
import { drawFaults, prepareFaults } from "./faults.js";
import { Feed } from "./feed.js";
import { drawPace, preparePace } from "./pace.js";
import { drawPeople, preparePeople } from "./people.js";
import { drawWebhooks, prepareWebhooks } from "./webhooks.js";

const bench = document.getElementById("bench");
const numbers = document.getElementById("number");
const live = document.getElementById("live");
const WORDS = { live: "Live", paused: "Paused", lost: "Not live: the simulator does not answer" };

const page = {
  view: null,
  get numberId() {
    return this.view?.number_id ?? "";
  },
  get customerId() {
    return feed.chosen.customer_id;
  },
  choose(customerId) {
    feed.choose({ customer_id: customerId });
    remember();
    showPane("phone");
  },
  find(words) {
    feed.choose({ q: words });
  },
};

const feed = new Feed(show, (state) => {
  live.dataset.state = state;
  if (live.textContent !== WORDS[state]) live.textContent = WORDS[state];
});

function show(view) {
  page.view = view;
  drawNumbers(view);
  for (const draw of [drawPeople, drawChat, drawCustomer, drawFaults, drawPace, drawWebhooks]) draw(view, page);
}

function drawNumbers(view) {
  const facts = JSON.stringify(view.numbers);
  if (numbers.facts !== facts) {
    numbers.facts = facts;
    numbers.replaceChildren(
      ...view.numbers.map((one) => make("option", { value: one.id }, `${one.name} · ${one.display_number}`)),
    );
  }
  numbers.value = view.number_id;
}

function remember() {
  const kept = new URLSearchParams(Object.entries(feed.chosen).filter(([name, value]) => value && name !== "q"));
  history.replaceState(null, "", `#${kept}`);
}

function showPane(name) {
  bench.dataset.pane = name;
  for (const button of document.querySelectorAll(".panes button")) {
    button.toggleAttribute("aria-current", button.dataset.pane === name);
    if (button.dataset.pane === name) button.setAttribute("aria-current", "true");
  }
  if (page.view) feed.refresh();
}

for (const button of document.querySelectorAll(".panes button")) {
  button.addEventListener("click", () => showPane(button.dataset.pane));
}
numbers.addEventListener("change", () => {
  feed.choose({ number_id: numbers.value });
  remember();
});

for (const prepare of [preparePeople, prepareChat, prepareComposer, prepareFaults, preparePace, prepareWebhooks]) {
  prepare(page);
}
const kept = new URLSearchParams(location.hash.slice(1));
if (kept.get("customer_id")) showPane("phone");
feed.choose({ customer_id: kept.get("customer_id") ?? "", number_id: kept.get("number_id") ?? "" });
