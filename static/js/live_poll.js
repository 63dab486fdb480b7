/* <live-poll src every mode>: asks "what is new since what I show?" every few seconds while the page is visible.

   Never while hidden, at once on return, one question at a time. An answer counts only with our version header.
   mode "swap" replaces the content; "lines" replaces or adds elements by id, in the order of data-order;
   "rows" does so for a list, and moves rows only while nobody points at it. */
class LivePoll extends HTMLElement {
  connectedCallback() {
    this.lastGood = Date.now();
    this.misses = 0;
    this.#timer = setInterval(() => this.poll(), Number(this.getAttribute("every") || 3) * 1000);
    document.addEventListener("visibilitychange", this.#onReturn);
    for (const name of ["pageshow", "focus", "online"]) window.addEventListener(name, this.#onReturn);
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, this.#onLeft);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#request?.abort();
    document.removeEventListener("visibilitychange", this.#onReturn);
    for (const name of ["pageshow", "focus", "online"]) window.removeEventListener(name, this.#onReturn);
  }

  async poll() {
    if (document.visibilityState !== "visible" || this.#request) return;
    this.#request = new AbortController();
    const timeout = setTimeout(() => this.#request?.abort(), 8000);
    try {
      const response = await fetch(this.#url(), {
        headers: { "HX-Request": "true" },
        signal: this.#request.signal,
        cache: "no-store",
      });
      await this.#take(response);
    } catch {
      this.#tell(false);
    } finally {
      clearTimeout(timeout);
      this.#request = null;
    }
  }

  #timer = 0;
  #request = null;
  #wasHeld = false;
  #onReturn = () => this.poll();

  /* What could not move while somebody pointed at it moves now. */
  #onLeft = () => {
    if (!this.#wasHeld || this.#isHeld()) return;
    this.#wasHeld = false;
    this.dataset.seen = "0";
    this.poll();
  };

  #isHeld() { return this.matches(":hover") || this.contains(document.activeElement); }

  #url() {
    const url = new URL(this.getAttribute("src"), location.href);
    url.searchParams.set("seen", this.dataset.seen || "0");
    return url;
  }

  async #take(response) {
    const version = response.headers.get("X-Gigaviz-Version");
    if (response.status === 401) document.dispatchEvent(new CustomEvent("live:signed-out"));
    if (version === null || !response.ok) return this.#tell(false);
    if (response.status === 200) this.#show(await response.text(), version);
    else if (response.status === 204) this.dataset.seen = version;
    return this.#tell(true, response);
  }

  #tell(isGood, response) {
    if (isGood) this.lastGood = Date.now();
    this.misses = isGood ? 0 : this.misses + 1;
    const detail = {
      isGood,
      behind: response?.headers.get("X-Gigaviz-Behind") || "",
      date: response?.headers.get("Date") || "",
    };
    document.dispatchEvent(new CustomEvent("live:answer", { detail }));
  }

  #show(html, version) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const mode = this.getAttribute("mode") || "swap";
    // Somebody is choosing something in there: leave it, and ask again with the old version.
    if (mode === "swap" && this.querySelector("input:focus, details[open]")) return;
    if (mode === "swap") this.replaceChildren(...fresh.content.childNodes);
    else this.#merge(fresh.content, mode);
    this.dataset.seen = version;
    window.htmx?.process(this);
    this.dispatchEvent(new CustomEvent("live:shown", { bubbles: true }));
  }

  #merge(content, mode) {
    const holder = this.querySelector("[data-lines]");
    const isHeld = mode === "rows" && this.#isHeld();
    this.#wasHeld = isHeld;
    const arrived = [...content.querySelectorAll("[data-order]")];
    for (const line of arrived) this.#place(holder, line, isHeld);
    if (mode === "rows" && !isHeld) {
      const kept = new Set(arrived.map((line) => line.id));
      for (const row of [...holder.querySelectorAll("[data-order]")]) if (!kept.has(row.id)) row.remove();
    }
    for (const part of content.querySelectorAll("[data-part-of]")) {
      document.getElementById(part.id)?.replaceWith(part);
    }
  }

  #place(holder, line, isHeld) {
    const old = document.getElementById(line.id);
    if (old && isBusy(old)) return updateParts(old, line);
    const isDescending = holder.dataset.lines === "descending";
    const comesAfter = (other) =>
      isDescending ? other.dataset.order < line.dataset.order : other.dataset.order > line.dataset.order;
    if (old && (isHeld || standsRight(old, comesAfter))) return old.replaceWith(line);
    if (isHeld) return undefined;
    old?.remove();
    return holder.insertBefore(line, [...holder.querySelectorAll("[data-order]")].find(comesAfter) || null);
  }
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

function isBusy(element) {
  const selection = document.getSelection();
  const isSelected = selection && !selection.isCollapsed && selection.containsNode(element, true);
  const plays = [...element.querySelectorAll("audio, video")].some((sound) => !sound.paused && !sound.ended);
  return isSelected || plays || element.querySelector("details[open]") !== null;
}

/* The parts that say what became of a message are news even while somebody reads the rest. */
function updateParts(old, fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    old.querySelector(`[data-part="${part.dataset.part}"]`)?.replaceWith(part);
  }
  if (old.querySelector("details.proof[open]")) old.querySelector("summary").dispatchEvent(new Event("refresh"));
}

customElements.define("live-poll", LivePoll);
