/* <live-poll src every mode>: asks "what is new since what I show?" every few seconds while the page is visible.

   Never while hidden, at once on return, one question at a time. An answer counts only with our version header, and as
   of when it was asked. mode "swap" replaces the content; "lines" replaces or adds elements by id, in the order of
   data-order; "rows" does so for a list, and moves rows only while nobody points at it. */
const PATIENCE = 8_000;

class LivePoll extends HTMLElement {
  connectedCallback() {
    this.lastGood = Date.now();
    this.misses = 0;
    this.#timer = setInterval(() => this.poll(), Number(this.getAttribute("every") || 3) * 1000);
    document.addEventListener("visibilitychange", this.#onReturn);
    for (const name of ["pageshow", "focus", "online"]) window.addEventListener(name, this.#onReturn);
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, this.#onLeft);
    this.querySelector("[data-list-news]")?.addEventListener("click", () => { this.#isPressed = true; this.refresh(); });
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#request?.abort();
    document.removeEventListener("visibilitychange", this.#onReturn);
    for (const name of ["pageshow", "focus", "online"]) window.removeEventListener(name, this.#onReturn);
  }

  /* Everything anew, whatever was seen. */
  refresh() {
    this.#again = this.#request !== null;
    this.dataset.seen = "0";
    this.poll();
  }

  async poll() {
    if (document.visibilityState !== "visible" || this.#request) return;
    const asked = { at: Date.now(), seen: this.dataset.seen || "0" };
    this.#request = new AbortController();
    const timeout = setTimeout(() => this.#request?.abort(), PATIENCE);
    try {
      const signal = this.#request.signal;
      const response = await fetch(this.#url(asked.seen), { headers: { "HX-Request": "true" }, signal, cache: "no-store" });
      await this.#take(response, asked);
    } catch {
      this.#tell(null, asked);
    } finally {
      clearTimeout(timeout);
      this.#request = null;
    }
    if (this.#again) this.refresh();
  }

  #timer = 0;
  #request = null;
  #again = false;
  #wasHeld = false;
  #isPressed = false;
  #isPlacing = false;
  #shown = "";
  #onReturn = () => this.poll();

  /* What could not move while somebody pointed at it moves now. */
  #onLeft = () => {
    if (!this.#wasHeld || this.#isPlacing || this.#isHeld()) return;
    this.#wasHeld = false;
    this.refresh();
  };

  #isHeld() { return this.matches(":hover") || this.contains(document.activeElement); }

  #url(seen) {
    const url = new URL(this.getAttribute("src"), location.href);
    url.searchParams.set("seen", seen);
    // What stands before the first line shown is not news here; with nothing before it, everything is.
    const from = this.querySelector(".earlier")?.dataset.from;
    if (from) url.searchParams.set("from", from);
    return url;
  }

  async #take(response, asked) {
    const version = response.headers.get("X-Gigaviz-Version");
    if (response.status === 401) document.dispatchEvent(new CustomEvent("live:signed-out"));
    if ([403, 404, 410].includes(response.status)) {
      const moved = response.headers.get("X-Gigaviz-Moved") || "";
      document.dispatchEvent(new CustomEvent("live:gone", { detail: { moved } }));
    }
    if (version === null || !response.ok) return this.#tell(null, asked);
    const html = response.status === 200 ? await response.text() : "";
    // Somebody asked for everything meanwhile; this answer is about less.
    if (this.dataset.seen === asked.seen || asked.seen === "0") {
      if (response.status === 204 || this.#show(html, version)) this.dataset.seen = version;
    }
    return this.#tell(response, asked);
  }

  #tell(response, asked) {
    if (response) this.lastGood = asked.at;
    this.misses = response ? 0 : this.misses + 1;
    const said = (name) => response?.headers.get(name) || "";
    const detail = { isGood: response !== null, behind: said("X-Gigaviz-Behind"), date: said("Date"), session: said("X-Gigaviz-Session") };
    document.dispatchEvent(new CustomEvent("live:answer", { detail }));
  }

  /* Whether it is on the screen now; if not, it is asked for again. */
  #show(html, version) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const mode = this.getAttribute("mode") || "swap";
    if (mode === "swap" && this.#shown === plain(html)) return true;
    // Somebody is choosing or copying something in there: leave it.
    if (mode === "swap" && (this.querySelector("input:focus, details[open]") || isSelected(this))) return false;
    this.#isPlacing = true;
    if (mode === "swap") keepingFocus(this, () => this.replaceChildren(...fresh.content.childNodes));
    else this.#merge(fresh.content, mode);
    this.#isPlacing = false;
    this.#shown = plain(html);
    this.dataset.seen = version;
    window.htmx?.process(this);
    this.dispatchEvent(new CustomEvent("live:shown", { bubbles: true }));
    return true;
  }

  #merge(content, mode) {
    const holder = this.querySelector("[data-lines]");
    const isHeld = mode === "rows" && this.#isHeld() && !this.#isPressed;
    this.#wasHeld = isHeld;
    this.#isPressed = false;
    const arrived = [...content.querySelectorAll("[data-order]")];
    if (content.querySelector("[data-whole]")) this.#thin(holder, new Set(arrived.map((line) => line.id)), content);
    const waiting = arrived.filter((line) => !place(holder, line, isHeld));
    if (mode === "rows") this.#leave(holder, new Set(arrived.map((line) => line.id)), isHeld, waiting);
    for (const part of content.querySelectorAll("[data-part-of]")) {
      const before = document.getElementById(part.id);
      const isNews = before && plain(before.outerHTML) !== plain(part.outerHTML);
      if (isNews && (!isHeld || part.id !== "list-end")) before.replaceWith(part);
    }
  }

  /* Lines that left for another thread; and where earlier ones begin, as those go too: some may have left as well. */
  #thin(holder, kept, content) {
    for (const line of holder.querySelectorAll("[data-order]")) if (!kept.has(line.id)) line.remove();
    holder.querySelector(".earlier")?.remove();
    holder.prepend(...content.querySelectorAll(".earlier"));
  }

  /* Rows that are not in this list any more; and word of those that wait until nobody points here. */
  #leave(holder, kept, isHeld, waiting) {
    for (const row of [...holder.querySelectorAll("[data-order]")]) {
      if (kept.has(row.id)) row.removeAttribute("data-gone");
      else if (isHeld) row.setAttribute("data-gone", "");
      else row.remove();
    }
    const news = this.querySelector("[data-list-news]");
    if (!news) return;
    news.hidden = waiting.length === 0;
    news.textContent = waiting.length === 1 ? "1 new conversation" : `${waiting.length} new conversations`;
    news.dataset.unread = String(waiting.reduce((sum, row) => sum + Number(row.dataset.unread || 0), 0));
  }
}

const received = new WeakMap();

/* Whether the line has its place now. */
function place(holder, line, isHeld) {
  const old = document.getElementById(line.id);
  const html = plain(line.outerHTML);
  const isDescending = holder.dataset.lines === "descending";
  const comesAfter = (other) =>
    isDescending ? other.dataset.order < line.dataset.order : other.dataset.order > line.dataset.order;
  const stands = Boolean(old) && (isHeld || standsRight(old, comesAfter));
  if (stands && received.get(old) === html) return true;
  if (old && isBusy(old)) return updateParts(old, line);
  received.set(line, html);
  if (stands) {
    keepingFocus(old, () => old.replaceWith(line), line);
    return true;
  }
  if (isHeld) return false;
  old?.remove();
  holder.insertBefore(line, [...holder.querySelectorAll("[data-order]")].find(comesAfter) || null);
  return true;
}

function standsRight(old, comesAfter) {
  const before = neighbour(old, "previousElementSibling");
  const after = neighbour(old, "nextElementSibling");
  return (!before || !comesAfter(before)) && (!after || comesAfter(after));
}

function neighbour(line, direction) {
  let other = line[direction];
  while (other && !other.dataset.order) other = other[direction];
  return other;
}

function isSelected(element) {
  const selection = document.getSelection();
  return Boolean(selection && !selection.isCollapsed && selection.containsNode(element, true));
}

function isBusy(element) {
  const plays = [...element.querySelectorAll("audio, video")].some((sound) => !sound.paused && !sound.ended);
  return isSelected(element) || plays || element.querySelector("details[open]") !== null;
}

/* The parts that say what became of a message are news even while somebody reads the rest. */
function updateParts(old, fresh) {
  old.toggleAttribute("data-meaning", fresh.hasAttribute("data-meaning"));
  if (fresh.dataset.meaning) old.dataset.meaning = fresh.dataset.meaning;
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const before = old.querySelector(`[data-part="${part.dataset.part}"]`);
    if (before && plain(before.innerHTML) !== plain(part.innerHTML)) before.replaceWith(part);
  }
  if (old.querySelector("details.proof[open]")) old.querySelector("summary").dispatchEvent(new Event("refresh"));
  return true;
}

/* Each rendering has a token of its own; whatever else is the same is the same. */
function plain(html) { return html.replaceAll(/name="csrfmiddlewaretoken" value="[^"]*"/g, "").trim(); }

function keepingFocus(container, change, after = container) {
  const steps = (within) => [...within.querySelectorAll("a, button, summary, input")];
  const at = steps(container).indexOf(document.activeElement);
  change();
  if (at >= 0) steps(after)[at]?.focus({ preventScroll: true });
}

customElements.define("live-poll", LivePoll);
