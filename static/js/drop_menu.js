/* <drop-menu>: around a <details> that opens a menu; closes it with Escape, with a click elsewhere and on leaving. */
class DropMenu extends HTMLElement {
  connectedCallback() {
    document.addEventListener("pointerdown", this.#onPointer);
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("focusout", this.#onLeave);
  }

  disconnectedCallback() {
    document.removeEventListener("pointerdown", this.#onPointer);
  }

  get #details() { return this.querySelector("details"); }

  #onPointer = (event) => {
    if (!this.contains(event.target)) this.#details.open = false;
  };

  #onKey = (event) => {
    if (event.key !== "Escape" || !this.#details.open) return;
    this.#details.open = false;
    this.querySelector("summary").focus();
    event.stopPropagation();
  };

  #onLeave = (event) => {
    if (event.relatedTarget && !this.contains(event.relatedTarget)) this.#details.open = false;
  };
}

customElements.define("drop-menu", DropMenu);
