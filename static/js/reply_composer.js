/* <reply-composer draft="…">: Enter sends, Shift+Enter makes a line; the words survive whatever happens.

   The box itself is never replaced: an answer replaces what stands around it. Send is held while the page is not live,
   while the guard forbids it, and while an answer is on its way. */
class ReplyComposer extends HTMLElement {
  connectedCallback() {
    // Words begun in a conversation that went into this one come along.
    const former = `draft:${this.getAttribute("former")}`;
    const kept = sessionStorage.getItem(this.#key) || sessionStorage.getItem(former);
    sessionStorage.removeItem(former);
    if (kept && !this.#box.value) this.#box.value = kept;
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("input", this.#onInput);
    this.addEventListener("htmx:beforeRequest", this.#onSend);
    this.addEventListener("htmx:afterRequest", this.#onAnswer);
    this.addEventListener("htmx:afterSwap", this.#onInput);
    document.addEventListener("live:changed", this.#onInput);
    document.addEventListener("live:shown", this.#onInput);
    document.addEventListener("live:moved", this.#onMoved);
    this.#timer = setInterval(this.#onInput, 1000);
    this.#onInput();
  }

  disconnectedCallback() {
    document.removeEventListener("live:changed", this.#onInput);
    document.removeEventListener("live:shown", this.#onInput);
    document.removeEventListener("live:moved", this.#onMoved);
    clearInterval(this.#timer);
  }

  #timer = 0;
  #isSending = false;
  #posted = "";
  #askedAt = 0;

  get #box() { return this.querySelector("textarea"); }
  get #key() { return `draft:${this.getAttribute("draft")}`; }
  get #verdict() { return document.querySelector("[data-verdict]"); }

  #onKey = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== this.#box) return;
    event.preventDefault();
    if (!this.#held()) this.querySelector("form").requestSubmit(this.querySelector(".composer-send"));
  };

  #onInput = () => {
    const box = this.#box;
    if (box.value) sessionStorage.setItem(this.#key, box.value);
    else sessionStorage.removeItem(this.#key);
    this.#grow(box);
    const left = Number(box.dataset.limit) - box.value.length;
    const counter = this.querySelector("[data-count]");
    counter.textContent = left < 200 ? `${left} left` : "";
    counter.toggleAttribute("data-over", left < 0);
    const why = this.#held();
    for (const button of this.querySelectorAll("button[data-send]")) button.disabled = Boolean(why);
    this.querySelector("[data-send-words]").textContent = this.querySelector("[name=confirm]") ? "Send anyway" : "Send";
    this.querySelector("[data-take]").hidden = document.querySelector("[data-ownership]")?.dataset.ownership !== "nobody";
    const note = this.querySelector("[data-why]");
    const words = why === "empty" ? "" : why;
    note.toggleAttribute("data-held", words !== "" && !this.#isSending);
    if (note.textContent !== words) note.textContent = words;
  };

  #onSend = (event) => {
    if (this.#held() && this.#held() !== "empty") return event.preventDefault();
    this.#isSending = true;
    this.#posted = this.#box.value;
    return this.#onInput();
  };

  #onAnswer = (event) => {
    this.#isSending = false;
    const status = event.detail.xhr?.status || 0;
    const isOurs = Boolean(event.detail.xhr?.getResponseHeader("X-Gigaviz-Version"));
    const moved = event.detail.xhr?.getResponseHeader("X-Gigaviz-Moved");
    if (moved) return this.#onMoved({ detail: { moved } });
    if (status === 200 && isOurs) {
      // What was typed while it was on its way stays.
      if (this.#box.value.startsWith(this.#posted)) this.#box.value = this.#box.value.slice(this.#posted.length);
      document.querySelector("live-poll[mode=lines]")?.poll();
    } else if (status === 401) document.dispatchEvent(new CustomEvent("live:signed-out"));
    else if (status === 0) this.#fail("The server did not answer. Your words are kept. If your message is not in the thread in a moment, send it again.");
    else if (!isOurs) this.#fail(`It did not work (${status}). Your words are kept: try again, and if it stays, reload the page.`);
    return this.#onInput();
  };

  /* The conversation went into another one, whose page fetches the words from here. */
  #onMoved = ({ detail }) => {
    if (this.#box.value) sessionStorage.setItem(this.#key, this.#box.value);
    location.replace(detail.moved);
  };

  #fail(words) {
    this.querySelector("[data-error-words]").textContent = words;
    this.querySelector("[data-error]").hidden = false;
  }

  /* Where the style sheet cannot let a box grow with its words. */
  #grow(box) {
    if (CSS.supports("field-sizing", "content")) return;
    box.style.blockSize = "auto";
    box.style.blockSize = `${Math.min(box.scrollHeight + 2, 240)}px`;
  }

  #held() {
    const state = document.documentElement.dataset.live;
    if (this.#isSending) return "Sending…";
    if (["stale", "paused", "signed-out", "gone"].includes(state)) return "Held until the page is live again.";
    if (this.#verdict?.dataset.verdict === "blocked") return "Not allowed now; the reasons are above.";
    const closes = Date.parse(this.#verdict?.dataset.closes || "");
    const now = Date.now() + Number(document.documentElement.dataset.clockOffset || 0);
    if (closes && now >= closes) return this.#askWhy();
    return this.#box.value.trim() ? "" : "empty";
  }

  /* The window closed by the clock alone: the guard says it in full. */
  #askWhy() {
    if (Date.now() - this.#askedAt > 3000) {
      this.#askedAt = Date.now();
      document.querySelector("#verdict").refresh();
    }
    return "The session window has just closed.";
  }
}

customElements.define("reply-composer", ReplyComposer);
