/* <live-state data-behind>: says how fresh the page is, and holds Send while it is not.

   Fresh is the older of two times: the oldest good poll, and the oldest event of Meta's that waits to be applied. It
   also notices that somebody signed in anew, elsewhere in this browser: with the same account the page goes on. */
const BEHIND_AFTER = 5_000;
const DEAD_AFTER = 30_000;
const MISSED_AFTER = 7_500;

class LiveState extends HTMLElement {
  connectedCallback() {
    document.addEventListener("live:answer", this.#onAnswer);
    document.addEventListener("live:signed-out", this.#onSignedOut);
    document.addEventListener("live:gone", this.#onGone);
    document.addEventListener("visibilitychange", this.#tick);
    for (const name of ["pageshow", "focus", "online", "offline"]) window.addEventListener(name, this.#tick);
    this.#timer = setInterval(this.#tick, 1000);
    this.#read(this.dataset.behind || "");
    this.#tick();
  }

  disconnectedCallback() {
    document.removeEventListener("live:answer", this.#onAnswer);
    document.removeEventListener("live:signed-out", this.#onSignedOut);
    document.removeEventListener("live:gone", this.#onGone);
    document.removeEventListener("visibilitychange", this.#tick);
    for (const name of ["pageshow", "focus", "online", "offline"]) window.removeEventListener(name, this.#tick);
    clearInterval(this.#timer);
  }

  #timer = 0;
  #behind = null;
  #trouble = null;
  #isRenewing = false;

  get #page() { return document.querySelector("inbox-page"); }

  #read(behind) {
    const [count, since] = behind.split(";");
    this.#behind = since ? { count, since: Date.parse(since) } : null;
  }

  #onAnswer = ({ detail }) => {
    if (detail.isGood) {
      if (detail.date) document.documentElement.dataset.clockOffset = String(Date.parse(detail.date) + 500 - Date.now());
      this.#read(detail.behind);
      if (detail.session !== this.#page.dataset.session) this.#renew();
      else if (this.#trouble?.[0] === "signed-out") this.#trouble = null;
    }
    this.#tick();
  };

  #onSignedOut = () => {
    this.#trouble = ["signed-out", "Signed out. Your words are kept: sign in again in another tab."];
    this.#tick();
  };

  #onGone = ({ detail }) => {
    if (detail.moved) return document.dispatchEvent(new CustomEvent("live:moved", { detail }));
    this.#trouble = ["gone", "This is not here for you any more. Copy your words and reload the page."];
    return this.#tick();
  };

  /* A new session has a new form token; the page takes it over, if it is still the same person's. */
  async #renew() {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      const response = await fetch(location.href, { cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("inbox-page");
      if (!fresh) this.#onSignedOut();
      else if (fresh.dataset.user !== this.#page.dataset.user) {
        this.#trouble = ["gone", `Signed in as ${fresh.dataset.name} now. Reload the page.`];
      } else {
        this.#page.dataset.csrf = fresh.dataset.csrf;
        this.#page.dataset.session = fresh.dataset.session;
        this.#trouble = null;
      }
    } catch {
      // The server is away; the next answer asks again.
    } finally {
      this.#isRenewing = false;
      this.#tick();
    }
  }

  #tick = () => {
    const polls = [...document.querySelectorAll("live-poll")];
    const lastGood = Math.min(Date.now(), ...polls.map((poll) => poll.lastGood ?? Date.now()));
    const missed = Math.max(0, ...polls.map((poll) => poll.misses ?? 0));
    const offset = Number(document.documentElement.dataset.clockOffset || 0);
    const lag = this.#behind ? Date.now() + offset - this.#behind.since : 0;
    if (document.visibilityState !== "visible") return this.#say("paused", "Paused");
    if (this.#trouble) return this.#say(...this.#trouble);
    if (missed >= 2 || Date.now() - lastGood > MISSED_AFTER) return this.#say("stale", `Not live since ${clock(lastGood)}`);
    if (lag > BEHIND_AFTER) {
      const events = this.#behind.count === "1" ? "1 event" : `${this.#behind.count} events`;
      return this.#say(lag > DEAD_AFTER ? "late" : "behind", `Behind: ${events} from Meta waiting since ${clock(this.#behind.since)}`);
    }
    return this.#say("live", `Live · as of ${clock(lastGood)}`);
  };

  #say(state, words) {
    const root = document.documentElement;
    const shown = this.querySelector("[data-words]");
    if (shown.textContent !== words) shown.textContent = words;
    const before = root.dataset.live;
    if (before === state) return;
    root.dataset.live = state;
    // Read aloud when the state changes, not with each new time.
    this.querySelector("[data-news]").textContent = state === "live" ? "Live" : words;
    document.dispatchEvent(new CustomEvent("live:changed", { detail: { state, words } }));
    // Being so late is a reason of the guard's, and nothing else tells the page that it came or went.
    if ([before, state].includes("late")) document.querySelector("#verdict")?.refresh();
  }
}

function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

customElements.define("live-state", LiveState);
