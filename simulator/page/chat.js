/* The phone: who the chat is with, and its messages. */

import { bubble } from "./bubble.js";
import { day, keyed, make } from "./dom.js";
import { known, named } from "./people.js";

const phone = document.getElementById("phone");
const head = document.getElementById("phone-head");
const log = document.getElementById("log");
const nobody = document.getElementById("nobody");
const open = new Set(); // messages whose details are open
let shown = "";
let isAtEnd = true;

export function prepareChat(page) {
  nobody.append(
    make("p", { class: "nobody-title" }, "Nobody’s phone"),
    make("p", {}, "Choose a customer, or make one, and write to the business as they would."),
    make("button", { type: "button", class: "button is-main", onclick: () => document.getElementById("new-customer").click() },
      "Make a customer"),
  );
  log.addEventListener("scroll", () => (isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60));
  // The keyboard, or a longer composer, takes room from the log; a picture that arrives makes it longer.
  new ResizeObserver(keepAtEnd).observe(log);
  log.addEventListener("load", keepAtEnd, true);
  page.toggle = (wamid) => {
    if (!open.delete(wamid)) open.add(wamid);
    drawChat(page.view, page);
  };
}

export function drawChat(view, page) {
  phone.classList.toggle("is-off", !view.chat);
  if (!view.chat) {
    head.replaceChildren();
    log.replaceChildren();
    shown = "";
    return;
  }
  drawHead(view);
  const chat = `${view.chat.customer.id} ${view.number_id}`;
  if (chat !== shown) {
    log.replaceChildren();
    isAtEnd = true;
  }
  shown = chat;
  keyed(log, lines(view.chat), (one) => one.key, (one) => (one.message ? bubble(one, page) : separator(one)));
  keepAtEnd();
}

function keepAtEnd() {
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

/* Days and messages; a reaction is a mark on its message and no line of its own. */
function lines(chat) {
  const made = [];
  const all = new Map(chat.messages.map((one) => [one.wamid, one]));
  const reactions = new Map();
  for (const one of chat.messages) {
    if (one.type !== "reaction") continue;
    const marks = reactions.get(one.content.message_id) ?? {};
    marks[one.is_ours ? "business" : "customer"] = one.content.emoji ?? "";
    reactions.set(one.content.message_id, marks);
  }
  let last = "";
  // What happened earlier stands above, also when it was told later, as history is.
  for (const one of chat.messages.toSorted((a, b) => a.at - b.at)) {
    if (one.type === "reaction" && all.has(one.content.message_id)) continue;
    const today = day(one.at);
    if (today !== last) made.push({ key: `day ${today} ${one.wamid}`, day: today });
    last = today;
    const quoted = all.get(one.reply_to);
    made.push({
      key: one.wamid,
      message: one,
      marks: reactions.get(one.wamid) ?? {},
      quoted: quoted ? { is_ours: quoted.is_ours, type: quoted.type, content: quoted.content } : null,
      isOpen: open.has(one.wamid),
    });
  }
  return made;
}

function separator(one) {
  return make("p", { class: "day" }, one.day);
}

function drawHead(view) {
  const { customer, typing_until: until, is_blocked: isBlocked } = view.chat;
  const business = view.numbers.find((one) => one.id === view.number_id);
  const left = until * 1000 - Date.now();
  const facts = JSON.stringify([customer, business, isBlocked, until]);
  if (head.facts === facts && left <= 0 === head.isQuiet) return;
  head.facts = facts;
  head.isQuiet = left <= 0;
  clearTimeout(head.timer);
  if (left > 0) head.timer = setTimeout(() => drawHead(view), left + 50);
  head.replaceChildren(
    make("p", { class: "owner" }, "Phone of ", make("strong", {}, named(customer)), ` ${known(customer) || "user id only"}`),
    make(
      "div",
      { class: "with" },
      make("span", { class: "disc", "aria-hidden": "true" }, (business.name.match(/\p{L}|\p{N}/u) ?? ["?"])[0]),
      make("div", {},
        make("h2", {}, business.name),
        make("p", { class: "with-more" }, left > 0 ? "typing…" : isBlocked ? "has blocked this customer" : business.display_number)),
      business.account_mode === "SANDBOX" && make("span", { class: "tag" }, "test number"),
    ),
  );
}
