/* One message on the phone, whatever its type. An odd message is drawn as an odd message. */

import { post } from "./api.js";
import { icon, make, time, trying } from "./dom.js";
import { details, mark } from "./marks.js";

const openLists = new Set();
const file = (id) => `/page/files/${encodeURIComponent(id)}`;
const text = (words, kind = "words") => make("p", { class: kind, dir: "auto" }, String(words));

export function bubble(one, page) {
  const { message } = one;
  const made = make(
    "article",
    { class: `bubble ${message.is_ours ? "from-business" : "from-customer"}`, "data-wamid": message.wamid },
    make("span", { class: "unseen" }, message.is_ours ? "Business: " : "Customer: "),
    one.quoted && make("blockquote", { class: "quote", dir: "auto" }, summary(one.quoted)),
    ...body(message),
    choices(message, page),
    foot(one, page),
    reactions(one.marks),
    one.isOpen && details(message, page),
  );
  return made;
}

function foot(one, page) {
  const { message } = one;
  return make(
    "p",
    { class: "foot" },
    message.is_history && make("span", { class: "tag" }, "history"),
    make("time", { datetime: new Date(message.at * 1000).toISOString() }, time(message.at)),
    mark(message, one.isOpen, page),
  );
}

function reactions(marks) {
  const shown = Object.entries(marks).filter(([, emoji]) => emoji);
  if (!shown.length) return null;
  return make("p", { class: "reactions" }, ...shown.map(([who, emoji]) =>
    make("span", { title: `The ${who}’s reaction` }, emoji)));
}

export function summary(message) {
  const { content, type } = message;
  const body = content.body?.text ?? content.body ?? content.caption ?? content.filename ?? content.name;
  return typeof body === "string" && body ? body : NAMES[type] ?? type;
}

const NAMES = {
  image: "Picture", audio: "Voice note", video: "Video", document: "Document", sticker: "Sticker", location: "Place",
  contacts: "Contact card", interactive: "Message with buttons", template: "Template message", unsupported: "Unsupported",
};

const BODIES = {
  text: (content) => [text(content.body ?? "")],
  image: (content) => [picture(content, "Picture"), caption(content)],
  sticker: (content) => [picture(content, "Sticker")],
  audio: (content) => [sound(content)],
  video: (content) => [moving(content), caption(content)],
  document: (content) => [document_(content), caption(content)],
  location: (content) => [labelled("place", [content.name, content.address, `${content.latitude}, ${content.longitude}`])],
  contacts: (content) => (content.items ?? []).map(card),
  reaction: (content) => [text(content.emoji || "Took a reaction back", "odd")],
  interactive: (content) => interactive(content),
  template: (content) => template(content),
  button: (content) => [text(content.text ?? "")],
  unsupported: () => [text("Something that WhatsApp does not pass on to businesses.", "odd")],
  system: (content) => [text(content.body ?? "A change to this customer’s account.", "odd")],
};

function body(message) {
  const draw = BODIES[message.type];
  try {
    if (draw) return draw(message.content);
  } catch {
    // Falls through: tests send elements that are nothing a phone could make.
  }
  return [text(`A message of type “${message.type}”`, "odd"), make("pre", {}, JSON.stringify(message.content, null, 1))];
}

function picture(content, name) {
  if (!content.id) return text(`${name} at ${content.link ?? "no address"}`, "odd");
  return make("img", { class: "picture", src: file(content.id), alt: content.caption || name, loading: "lazy" });
}

function sound(content) {
  if (!content.id) return text(`Sound at ${content.link ?? "no address"}`, "odd");
  return make("audio", { controls: true, preload: "metadata", src: file(content.id), "aria-label": "Voice note" });
}

function moving(content) {
  if (!content.id) return text(`Video at ${content.link ?? "no address"}`, "odd");
  return make("video", { controls: true, preload: "metadata", src: file(content.id), class: "picture" });
}

function document_(content) {
  const name = content.filename || "Document";
  if (!content.id) return text(`${name} at ${content.link ?? "no address"}`, "odd");
  return make("a", { class: "document", href: file(content.id), download: name }, icon("file"), name);
}

function caption(content) {
  return content.caption ? text(content.caption) : null;
}

function labelled(name, rows) {
  return make("div", { class: "labelled" }, icon(name), make("div", {}, ...rows.filter(Boolean).map((one) => text(one))));
}

function card(one) {
  const phones = (one.phones ?? []).map((phone) => phone.phone ?? phone.wa_id);
  return labelled("person", [one.name?.formatted_name ?? "Contact", ...phones]);
}

function interactive(content) {
  const reply = content[content.type] ?? {};
  if (content.type === "nfm_reply") return [text(reply.body || "Completed a form")];
  if (reply.title) return [text(reply.title), reply.description && text(reply.description, "small")];
  return [...heading(content.header), text(content.body?.text ?? ""), content.footer && text(content.footer.text, "small")];
}

function heading(header) {
  if (!header) return [];
  if (header.type === "text") return [text(header.text, "title")];
  const draw = { image: picture, video: moving, document: document_ }[header.type];
  return draw ? [draw(header[header.type] ?? {}, "Picture")] : [];
}

function template(content) {
  const media = content.header_media;
  return [
    ...(content.header ? [text(content.header, "title")] : []),
    ...(media?.type ? heading(media) : []),
    text(content.body ?? ""),
    content.footer && text(content.footer, "small"),
  ];
}

/* What can be tapped: the buttons of a message, or a list behind one button. */
function choices(message, page) {
  const found = message.choices;
  const dead = linksOf(message).map((words) => make("span", { class: "choice is-dead" }, words));
  if (!found.length && !dead.length) return null;
  const tap = (choice) => trying(() => post(`/customers/${page.customerId}/messages`,
    { tap: message.wamid, choice: choice.id, number_id: page.numberId }));
  const buttons = found.map((choice) => make(
    "button",
    { type: "button", class: "choice", "data-focus": choice.id, onclick: tap(choice) },
    choice.title,
    choice.description && make("small", {}, choice.description),
  ));
  if (message.content.type !== "list") return make("div", { class: "choices" }, ...buttons, ...dead);
  const list = make("details", { class: "choices", open: openLists.has(message.wamid) },
    make("summary", { class: "choice", "data-focus": "list" }, message.content.action.button), ...buttons);
  // A receipt draws the message anew: a list that somebody looks at stays open.
  list.addEventListener("toggle", () => (list.open ? openLists.add(message.wamid) : openLists.delete(message.wamid)));
  return list;
}

/* Buttons that lead out of the chat: they are shown, and go nowhere. */
function linksOf(message) {
  if (message.type === "template") {
    return (message.content.buttons ?? []).filter((one) => one.type?.toUpperCase() !== "QUICK_REPLY").map((one) => one.text);
  }
  const parameters = message.type === "interactive" && message.is_ours ? message.content.action?.parameters : null;
  return parameters?.display_text ? [parameters.display_text] : [];
}
