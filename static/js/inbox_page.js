/* <inbox-page>: unread in title and favicon, "seen" when somebody looks, what went wrong, and the keys. */
const KEYS_OFF = "keys:off";

class InboxPage extends HTMLElement {
  connectedCallback() {
    this.#title = document.title;
    document.addEventListener("keydown", this.#onKey);
    document.addEventListener("live:shown", this.#onNews);
    document.addEventListener("log:end", this.#onNews);
    document.addEventListener("visibilitychange", this.#onNews);
    window.addEventListener("focus", this.#onNews);
    document.addEventListener("htmx:configRequest", this.#onAsk);
    document.addEventListener("htmx:beforeSwap", this.#onSwap);
    for (const name of ["responseError", "sendError", "timeout"]) document.addEventListener(`htmx:${name}`, this.#onFailure);
    this.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest(".notice")?.remove());
    this.#switch = document.querySelector("[data-keys-switch]");
    this.#switch.checked = localStorage.getItem(KEYS_OFF) === null;
    this.#switch.addEventListener("change", this.#onSwitch);
    this.#onNews();
  }

  #title = "";
  #seen = 0;
  #switch = null;

  #onNews = () => {
    const unread = [...this.querySelectorAll("[data-unread]")].reduce((sum, one) => sum + Number(one.dataset.unread), 0);
    const isLooking = document.hasFocus() && document.visibilityState === "visible";
    document.title = unread && !isLooking ? `(${unread}) ${this.#title}` : this.#title;
    const icon = document.querySelector("link[rel=icon]");
    const wanted = unread && !isLooking ? icon?.dataset.unread : icon?.dataset.calm;
    if (icon && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
    if (isLooking) this.#markSeen();
  };

  /* Seen is what stands at the end of the thread, in front of somebody's eyes. */
  #markSeen() {
    const log = this.querySelector("message-log");
    const thread = this.querySelector("live-poll[data-seen-url]");
    const newest = Number(log?.newest || 0);
    if (!thread || !log.isAtEnd || newest <= this.#seen) return;
    this.#seen = newest;
    const failed = () => { this.#seen = 0; };
    fetch(thread.dataset.seenUrl, {
      method: "POST",
      headers: { "X-CSRFToken": this.dataset.csrf, "HX-Request": "true" },
      body: new URLSearchParams({ version: thread.dataset.seen }),
    }).then((response) => (response.ok ? document.querySelector("live-poll[mode=rows]")?.poll() : failed()), failed);
  }

  /* Forms of a page that is older than the session carry an old token. */
  #onAsk = ({ detail }) => {
    detail.headers["X-CSRFToken"] = this.dataset.csrf;
    if (detail.verb !== "get") detail.parameters.csrfmiddlewaretoken = this.dataset.csrf;
  };

  /* A refusal is drawn where it was asked for only if it is one of ours, not a proxy's page. */
  #onSwap = ({ detail }) => {
    if (detail.xhr.status < 400 || detail.xhr.getResponseHeader("X-Gigaviz-Version")) return;
    detail.shouldSwap = false;
    detail.isError = true;
  };

  #onFailure = ({ target, detail }) => {
    const status = detail.xhr?.status || 0;
    if (status === 401) return document.dispatchEvent(new CustomEvent("live:signed-out"));
    if (target.closest?.("reply-composer")) return undefined; // it says so itself
    const notice = document.querySelector("[data-page-notice]");
    const what = status ? `It did not work (${status}).` : "The server did not answer.";
    notice.querySelector("span").textContent = `${what} Look whether it was done, and try again.`;
    notice.hidden = false;
    const waits = target.closest?.(".proof")?.querySelector(".evidence-wait");
    if (waits) waits.textContent = "The evidence could not be fetched. Close this and open it again.";
    return undefined;
  };

  #onSwitch = () => {
    if (this.#switch.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  };

  #onKey = (event) => {
    const isTyping = event.target.matches("input, textarea, select");
    if (event.key === "Escape" && isTyping) return event.target.blur();
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return undefined;
    if (document.querySelector("dialog[open]") || (!this.#switch.checked && event.key !== "?")) return undefined;
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
