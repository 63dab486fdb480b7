/* <message-log>: keeps the reader's place, and parts the messages by the reader's own days.

   The scroller is reversed, so it stands at the end by itself (scrollTop 0) and goes up with negative numbers. */
const NEAR = 80;
const TOGETHER = 5 * 60_000;

class MessageLog extends HTMLElement {
  connectedCallback() {
    this.#scroller.addEventListener("scroll", this.#onScroll, { passive: true });
    this.addEventListener("live:shown", this.#onNews);
    this.addEventListener("htmx:afterSwap", this.#onNews);
    this.querySelector("[data-to-bottom]").addEventListener("click", () => this.toEnd());
    this.#arrange();
    this.#last = this.#lastLine();
  }

  toEnd() {
    this.#scroller.scrollTop = 0;
    this.#offer(false);
  }

  get isAtEnd() { return this.#isAtEnd; }

  /* The version of the newest line that came from somebody else, as the server stamped it. */
  get newest() { return Math.max(0, ...this.#lines.map((line) => Number(line.dataset.order.split(" ")[1]))); }

  #isAtEnd = true;
  #anchor = null;
  #last = null;

  get #scroller() { return this.querySelector(".thread"); }
  get #lines() { return [...this.querySelectorAll(".lines > [data-order]")]; }

  #lastLine() { return this.#lines.at(-1)?.id; }

  #onScroll = () => {
    this.#isAtEnd = -this.#scroller.scrollTop < NEAR;
    if (this.#isAtEnd) {
      this.#offer(false);
      document.dispatchEvent(new CustomEvent("log:end"));
    }
    const top = this.#scroller.getBoundingClientRect().top;
    const line = this.#isAtEnd ? null : this.#lines.find((one) => one.getBoundingClientRect().bottom > top);
    this.#anchor = line ? { id: line.id, at: line.getBoundingClientRect().top } : null;
  };

  #onNews = () => {
    this.#dropTwins();
    this.#arrange();
    const last = this.#lastLine();
    if (this.#isAtEnd) this.toEnd();
    else {
      const line = this.#anchor && document.getElementById(this.#anchor.id);
      if (line) this.#scroller.scrollTop += line.getBoundingClientRect().top - this.#anchor.at;
      if (last !== this.#last) this.#offer(true);
    }
    this.#last = last;
  };

  #offer(isShown) { this.querySelector("[data-news]").hidden = !isShown; }

  /* A line that came by a poll, and then again with the page before: the later one is the newer. */
  #dropTwins() {
    const known = new Set();
    for (const line of this.#lines.reverse()) {
      if (known.has(line.id)) line.remove();
      known.add(line.id);
    }
  }

  /* A line for each day, and messages of one sender close together. */
  #arrange() {
    let day = "";
    let before = null;
    for (const line of this.#lines) {
      const at = new Date(line.dataset.order.split(" ")[0]);
      const key = at.toDateString();
      if (key !== day) dayBefore(line, at, key);
      else if (line.previousElementSibling?.matches(".day")) line.previousElementSibling.remove();
      const joins = key === day && before?.sender && before.sender === line.dataset.sender && at - before.at < TOGETHER;
      line.toggleAttribute("data-joins", Boolean(joins));
      day = key;
      before = { sender: line.dataset.sender, at };
    }
  }
}

function dayBefore(line, at, key) {
  let label = line.previousElementSibling;
  if (!label?.matches(".day")) {
    label = document.createElement("li");
    label.className = "day";
    line.before(label);
  }
  if (label.dataset.day === key) return;
  label.dataset.day = key;
  const time = document.createElement("local-time");
  time.setAttribute("format", "day");
  time.setAttribute("datetime", at.toISOString());
  label.replaceChildren(time);
}

customElements.define("message-log", MessageLog);
