/* How fast the world goes, and which of Meta's limits hold. */

import { post } from "./api.js";
import { make, trying } from "./dom.js";

const panel = document.getElementById("pace-panel");
const SPEEDS = [["0", "At once"], ["1", "As in life"], ["5", "Five times slower"]];
const WINDOWS = [["answer", "Refused at once (131047)"], ["receipt", "Fails by webhook (131047)"], ["off", "Not checked"]];
let speed, window_, pair, throughput;

export function preparePace() {
  const change = (facts) => trying(() => post("/pace", facts))();
  speed = choice(SPEEDS, () => change({ latency: Number(speed.value) }));
  window_ = choice(WINDOWS, () => change({ window: window_.value }));
  pair = make("input", { type: "checkbox", onchange: () => change({ pair_limit: pair.checked }) });
  throughput = make("input", { type: "checkbox", onchange: () => change({ throughput: throughput.checked ? 80 : 0 }) });
  panel.append(
    make("h2", { id: "pace-title" }, "Pace and limits"),
    labelled("Speed", speed),
    labelled("After 24 hours of silence", window_),
    make("label", { class: "flag" }, pair, make("span", {}, "One message in 6 s to one person", make("small", {}, "45 at once; then 131056"))),
    make("label", { class: "flag" }, throughput, make("span", {}, "80 messages a second", make("small", {}, "then 130429"))),
  );
}

export function drawPace({ pace }) {
  set(speed, String(pace.latency));
  set(window_, pace.window);
  pair.checked = pace.pair_limit;
  throughput.checked = pace.throughput > 0;
}

function choice(options, change) {
  return make("select", { onchange: change }, ...options.map(([value, words]) => make("option", { value }, words)));
}

function labelled(label, select) {
  return make("label", { class: "field" }, make("span", {}, label), select);
}

/* A value set by HTTP need not be among the choices. */
function set(select, value) {
  if (document.activeElement === select) return;
  if (![...select.options].some((one) => one.value === value)) select.append(make("option", { value }, `${value} ×`));
  select.value = value;
}
