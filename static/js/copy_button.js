/* <copy-button>: around a value and a hidden <button>; copies the value, and says so in the button.

   Without a clipboard (a page over plain http has none) it selects the value instead, for the keyboard to copy. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.#button.hidden = false;
    this.#button.addEventListener("click", this.#onClick);
  }

  disconnectedCallback() { clearTimeout(this.#timer); }

  #timer = 0;

  get #button() { return this.querySelector("button"); }

  get #value() { return this.querySelector("[data-value]"); }

  #onClick = async () => {
    try {
      await navigator.clipboard.writeText(this.#value.textContent.trim());
      this.#say("Copied");
    } catch {
      getSelection().selectAllChildren(this.#value);
      this.#say("Selected");
    }
  };

  #say(words) {
    const button = this.#button;
    button.dataset.words ||= button.textContent;
    button.textContent = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { button.textContent = button.dataset.words; }, 2_000);
  }
}

customElements.define("copy-button", CopyButton);
