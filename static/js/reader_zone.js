/* <reader-zone>: tells a form which time zone its reader's days are of, and says so; without a script it is UTC.
   One that the address names already stays. */
class ReaderZone extends HTMLElement {
  connectedCallback() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const field = this.querySelector("input");
    if (!zone || field.value) return;
    field.value = zone;
    this.querySelector("[data-zone]").textContent = zone;
  }
}

customElements.define("reader-zone", ReaderZone);
