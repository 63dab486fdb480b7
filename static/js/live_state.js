/* <live-state>: says how fresh the page is, and holds Send while it is not.

   Fresh is the older of two times: the oldest good poll, and the oldest event of Meta's that waits to be applied. */
const BEHIND_AFTER = 5_000;
const DEAD_AFTER = 30_000;
const MISSED_AFTER = 7_500;

class LiveState extends HTMLElement {
  connectedCallback() {
    document.addEventListener("live:answer", this.#onAnswer);
    document.addEventListener("live:signed-out", this.#onSignedOut);
    document.addEventListener("visibilitychange", this.#tick);
    for (const name of ["pageshow", "focus", "online", "offline"]) window.addEventListener(name, this.#tick);
    this.#timer = setInterval(this.#tick, 1000);
    this.#tick();
  }

  disconnectedCallback() {
    document.removeEventListener("live:answer", this.#onAnswer);
    document.removeEventListener("live:signed-out", this.#onSignedOut);
    document.removeEventListener("visibilitychange", this.#tick);
    for (const name of ["pageshow", "focus", "online", "offline"]) window.removeEventListener(name, this.#tick);
    clearInterval(this.#timer);
  }

  #timer = 0;
  #behind = null;
  #isSignedOut = false;

  #onAnswer = ({ detail }) => {
    if (detail.isGood) {
      this.#isSignedOut = false;
      if (detail.date) document.documentElement.dataset.clockOffset = String(Date.parse(detail.date) + 500 - Date.now());
      const [count, since] = detail.behind.split(";");
      this.#behind = since ? { count, since: Date.parse(since) } : null;
    }
    this.#tick();
  };

  #onSignedOut = () => {
    this.#isSignedOut = true;
    this.#tick();
  };

  #tick = () => {
    const polls = [...document.querySelectorAll("live-poll")];
    const lastGood = Math.min(Date.now(), ...polls.map((poll) => poll.lastGood));
    const missed = Math.max(0, ...polls.map((poll) => poll.misses));
    const offset = Number(document.documentElement.dataset.clockOffset || 0);
    const lag = this.#behind ? Date.now() + offset - this.#behind.since : 0;
    if (document.visibilityState !== "visible") return this.#say("paused", "Paused");
    if (this.#isSignedOut) return this.#say("signed-out", "Signed out. Your words are kept: sign in again in another tab.");
    if (missed >= 2 || Date.now() - lastGood > MISSED_AFTER) return this.#say("stale", `Not live since ${clock(lastGood)}`);
    if (lag > BEHIND_AFTER) {
      const events = this.#behind.count === "1" ? "1 event" : `${this.#behind.count} events`;
      return this.#say(lag > DEAD_AFTER ? "stale" : "behind", `Behind: ${events} from Meta waiting since ${clock(this.#behind.since)}`);
    }
    return this.#say("live", `Live · as of ${clock(lastGood)}`);
  };

  #say(state, words) {
    const root = document.documentElement;
    const shown = this.querySelector("[data-words]");
    if (shown.textContent !== words) shown.textContent = words;
    if (root.dataset.live === state) return;
    root.dataset.live = state;
    // Read aloud when the state changes, not with each new time.
    this.querySelector("[data-news]").textContent = state === "live" ? "Live" : words;
    document.dispatchEvent(new CustomEvent("live:changed", { detail: { state, words } }));
  }
}

function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

customElements.define("live-state", LiveState);
