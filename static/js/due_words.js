/* <due-words from="…" hidden>: words that become true at a time, by the page's corrected clock. */
class DueWords extends HTMLElement {
  connectedCallback() {
    this.#timer = setInterval(() => this.#look(), 1000);
    this.#look();
  }

  disconnectedCallback() { clearInterval(this.#timer); }

  #timer = 0;

  #look() {
    const now = Date.now() + Number(document.documentElement.dataset.clockOffset || 0);
    this.hidden = now < Date.parse(this.getAttribute("from"));
  }
}

customElements.define("due-words", DueWords);
