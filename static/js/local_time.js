/* <local-time datetime format>: the reader's own clock. Formats: time, day, full, dated, list, until (a countdown). */
class LocalTime extends HTMLElement {
  connectedCallback() {
    this.#show();
    const pause = { until: 1_000, list: 10_000 }[this.getAttribute("format")];
    if (pause) this.#timer = setInterval(() => this.#show(), pause);
  }

  disconnectedCallback() { clearInterval(this.#timer); }

  #timer = 0;

  #show() {
    const at = new Date(this.getAttribute("datetime"));
    if (Number.isNaN(at.getTime())) return;
    const words = this[`_${this.getAttribute("format") || "time"}`](at);
    if (this.textContent !== words) this.textContent = words;
    this.title = at.toLocaleString([], { dateStyle: "full", timeStyle: "medium" });
  }

  _time(at) { return at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false }); }
  _full(at) { return at.toLocaleString([], { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }); }
  _dated(at) { return at.toLocaleString([], { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }); }
  _clock(at) { return at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }); }
  _day(at) { return at.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" }); }

  _list(at) {
    const days = (new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000;
    if (days < 1) return this._time(at);
    if (days < 2) return "Yesterday";
    return at.toLocaleDateString([], days < 7 ? { weekday: "short" } : { day: "numeric", month: "short" });
  }

  _until(at) {
    const now = Date.now() + Number(document.documentElement.dataset.clockOffset || 0);
    const minutes = Math.floor((at.getTime() - now) / 60_000);
    const isOver = minutes < 0;
    this.closest("[data-window]")?.setAttribute("data-window", isOver ? "closed" : minutes < 60 ? "closing" : "open");
    if (isOver) return "Window closed";
    return minutes < 60 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
  }
}

customElements.define("local-time", LocalTime);
