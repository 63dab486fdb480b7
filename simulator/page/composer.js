/* What a customer writes and sends. */

import { post, upload } from "./api.js";
import { icon, make, trying } from "./dom.js";
import { summary } from "./bubble.js";

const form = document.getElementById("composer");
const words = document.getElementById("words");
const attach = document.getElementById("attach");
const attachments = document.getElementById("attachments");
const quoting = document.getElementById("quoting");
let quoted = "";

const CARD = { name: { formatted_name: "Budi Santoso", first_name: "Budi" }, phones: [{ phone: "+1 555-010-0199", type: "CELL" }] };
const UNSUPPORTED = {
  type: "unsupported",
  unsupported: { type: "poll_creation" },
  errors: [{ code: 131051, title: "Message type unknown", message: "Message type unknown",
    error_data: { details: "Message type is currently not supported." } }],
};
const KINDS = [
  ["Picture", { type: "image", sample: "image" }],
  ["Voice note", { type: "audio", sample: "audio" }],
  ["Document", { type: "document", sample: "document" }],
  ["Sticker", { type: "sticker", sample: "sticker" }],
  ["Place", { type: "location", location: { latitude: -6.2088, longitude: 106.8456, name: "Monas", address: "Jakarta" } }],
  ["Contact card", { type: "contacts", contacts: [CARD] }],
  ["Something unsupported", UNSUPPORTED],
];

export function prepareComposer(page) {
  document.getElementById("send").append(icon("send"));
  attach.append(icon("plus"));
  page.quote = (message) => quote(message);
  const say = (message) => post(`/customers/${page.customerId}/messages`, { number_id: page.numberId, ...message, ...answered() });
  const send = trying(async () => {
    const body = words.value;
    if (!body.trim()) return;
    words.value = "";
    grow();
    try {
      await say({ type: "text", text: { body } });
    } catch (problem) {
      words.value = body;
      throw problem;
    } finally {
      quote(null);
    }
  });
  form.addEventListener("submit", (event) => (event.preventDefault(), send()));
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  words.addEventListener("input", grow);
  attach.addEventListener("click", () => openAttachments(attachments.hidden));
  prepareAttachments(page, say);
  document.getElementById("quick").append(
    ...["STOP", "START", "ok"].map((word) => make("button", { type: "button", class: "chip", "data-says": word,
      onclick: trying(() => say({ type: "text", text: { body: word } })) }, word)),
  );
}

function prepareAttachments(page, say) {
  const chosen = make("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": "A file of your own" });
  const done = (act) => trying(async () => (openAttachments(false), await act(), quote(null)));
  chosen.addEventListener("change", done(async () => {
    const file = chosen.files[0];
    if (!file) return;
    const { media_id: id } = await upload(file, page.numberId);
    chosen.value = "";
    await say({ type: kindOf(file), media_id: id, filename: file.name });
  }));
  attachments.append(
    ...KINDS.map(([name, message]) => make("button", { type: "button", class: "chip", onclick: done(() => say(message)) }, name)),
    make("button", { type: "button", class: "chip", onclick: () => chosen.click() }, "A file of your own…"),
    chosen,
  );
}

function kindOf(file) {
  if (file.type === "image/webp") return "sticker";
  const kind = file.type.split("/")[0];
  return ["image", "audio", "video"].includes(kind) ? kind : "document";
}

function openAttachments(isOpen) {
  attachments.hidden = !isOpen;
  attach.setAttribute("aria-expanded", String(isOpen));
}

function answered() {
  return quoted ? { reply_to: quoted } : {};
}

function quote(message) {
  quoted = message?.wamid ?? "";
  quoting.hidden = !message;
  if (!message) return;
  quoting.replaceChildren(
    make("span", { dir: "auto" }, `Reply to: ${summary(message)}`),
    make("button", { type: "button", class: "chip", onclick: () => quote(null) }, "Not a reply"),
  );
  words.focus();
}

function grow() {
  words.style.blockSize = "auto";
  words.style.blockSize = `${words.scrollHeight}px`;
}
