/* <reply-composer draft="…">: Enter sends, Shift+Enter makes a line; the words survive whatever happens.

   Send is held while the page is not live, while the guard forbids it, and while an answer is on its way. */
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
    this.#timer = setInterval(this.#onInput, 1000);
    this.#onInput();
  }

  disconnectedCallback() {
    document.removeEventListener("live:changed", this.#onInput);
    document.removeEventListener("live:shown", this.#onInput);
    clearInterval(this.#timer);
  }

  #timer = 0;
  #isSending = false;

  get #box() { return this.querySelector("textarea"); }
  get #key() { return `draft:${this.getAttribute("draft")}`; }

  #onKey = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== this.#box) return;
    event.preventDefault();
    if (!this.#held()) this.querySelector("form").requestSubmit(this.querySelector("button[data-send]"));
  };

  #onInput = () => {
    const box = this.#box;
    if (!box) return;
    if (box.value) sessionStorage.setItem(this.#key, box.value);
    this.#grow(box);
    const left = Number(box.dataset.limit) - box.value.length;
    const counter = this.querySelector("[data-count]");
    counter.textContent = left < 200 ? `${left} left` : "";
    counter.toggleAttribute("data-over", left < 0);
    const why = this.#held();
    for (const button of this.querySelectorAll("button[data-send]")) button.disabled = Boolean(why);
    const note = this.querySelector("[data-why]");
    const words = why === "empty" ? "" : why;
    note.toggleAttribute("data-held", words !== "" && !this.#isSending);
    if (note.textContent !== words) note.textContent = words;
  };

  #onSend = (event) => {
    if (this.#held() && this.#held() !== "empty") return event.preventDefault();
    this.#isSending = true;
    return undefined;
  };

  #onAnswer = (event) => {
    this.#isSending = false;
    if (event.detail.xhr?.status === 200) {
      sessionStorage.removeItem(this.#key);
      this.#box.value = "";
      document.querySelector("live-poll[mode=lines]")?.poll();
    } else if (!event.detail.xhr?.status) this.#fail("The server did not answer. Your words are kept; nothing was lost.");
    else if (event.detail.xhr.status === 401) document.dispatchEvent(new CustomEvent("live:signed-out"));
    else if (![409, 422].includes(event.detail.xhr.status)) this.#fail("The server could not take this. Your words are kept; load the page again.");
    this.#onInput();
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
    if (["stale", "paused", "signed-out"].includes(state)) return "Held until the page is live again.";
    const verdict = document.querySelector("[data-verdict]");
    if (verdict?.dataset.verdict === "blocked") return "Not allowed now; the reasons are above.";
    const closes = Date.parse(verdict?.dataset.closes || "");
    const now = Date.now() + Number(document.documentElement.dataset.clockOffset || 0);
    if (closes && now >= closes) return "The session window has just closed.";
    return this.#box?.value.trim() ? "" : "empty";
  }
}

customElements.define("reply-composer", ReplyComposer);
