/* <message-log>: keeps the reader's place. Sticks to the bottom only when the reader was there. */
const NEAR = 80;

class MessageLog extends HTMLElement {
  connectedCallback() {
    this.addEventListener("scroll", this.#onScroll, { passive: true });
    this.addEventListener("live:shown", this.#onNews);
    document.addEventListener("htmx:afterSwap", this.#onNews);
    this.querySelector("[data-to-bottom]")?.addEventListener("click", () => this.#toBottom());
    this.#toBottom();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:afterSwap", this.#onNews);
  }

  #wasNear = true;
  #height = 0;

  #onScroll = () => {
    this.#wasNear = this.scrollHeight - this.scrollTop - this.clientHeight < NEAR;
    if (this.#wasNear) this.#button(false);
  };

  #onNews = () => {
    if (this.scrollHeight === this.#height) return;
    if (this.#wasNear) this.#toBottom();
    else if (this.scrollHeight > this.#height) this.#button(true);
    this.#height = this.scrollHeight;
  };

  #toBottom() {
    this.scrollTop = this.scrollHeight;
    this.#height = this.scrollHeight;
    this.#button(false);
  }

  #button(isShown) {
    const button = this.querySelector("[data-to-bottom]");
    if (button) button.hidden = !isShown;
  }
}

customElements.define("message-log", MessageLog);
