/* <inbox-page>: unread in title and favicon, "seen" when somebody looks, and the keys. */
class InboxPage extends HTMLElement {
  connectedCallback() {
    this.#title = document.title;
    document.addEventListener("keydown", this.#onKey);
    document.addEventListener("live:shown", this.#onNews);
    document.addEventListener("visibilitychange", this.#onNews);
    window.addEventListener("focus", this.#onNews);
    this.#onNews();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#onKey);
    document.removeEventListener("live:shown", this.#onNews);
    document.removeEventListener("visibilitychange", this.#onNews);
    window.removeEventListener("focus", this.#onNews);
  }

  #title = "";
  #seen = 0;

  #onNews = () => {
    const unread = [...this.querySelectorAll("[data-unread]")].reduce((sum, one) => sum + Number(one.dataset.unread), 0);
    const isLooking = document.hasFocus() && document.visibilityState === "visible";
    document.title = unread && !isLooking ? `(${unread}) ${this.#title}` : this.#title;
    const icon = document.querySelector("link[rel=icon]");
    const wanted = unread && !isLooking ? icon?.dataset.unread : icon?.dataset.calm;
    if (icon && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
    if (isLooking) this.#markSeen();
  };

  #markSeen() {
    const thread = this.querySelector("live-poll[data-seen-url]");
    const version = Number(thread?.dataset.seen || 0);
    if (!thread || version <= this.#seen || !this.querySelector(".row[data-chosen][data-unread]")) return;
    this.#seen = version;
    fetch(thread.dataset.seenUrl, {
      method: "POST",
      headers: { "X-CSRFToken": this.dataset.csrf, "HX-Request": "true" },
      body: new URLSearchParams({ version: String(version) }),
    }).then(() => document.querySelector("live-poll[mode=rows]")?.poll(), () => { this.#seen = 0; });
  }

  #onKey = (event) => {
    const isTyping = event.target.matches("input, textarea, select");
    if (event.key === "Escape" && isTyping) return event.target.blur();
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const act = { j: () => this.#step(1), k: () => this.#step(-1), r: () => this.#focus("textarea"), "/": () => this.#focus("input[type=search]"),
      a: () => this.#press("[data-key=a]"), e: () => this.#press("[data-key=e]"), "?": () => document.querySelector("#keys")?.showModal() }[event.key];
    if (act) { event.preventDefault(); act(); }
    return undefined;
  };

  #focus(selector) { this.querySelector(selector)?.focus(); }
  #press(selector) { this.querySelector(selector)?.click(); }

  #step(by) {
    const rows = [...this.querySelectorAll(".row a")];
    const at = rows.indexOf(document.activeElement);
    const from = at >= 0 ? at : rows.findIndex((row) => row.closest("[data-chosen]"));
    rows[Math.min(Math.max(from + by, 0), rows.length - 1)]?.focus();
  }
}

customElements.define("inbox-page", InboxPage);
