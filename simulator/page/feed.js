/* Asks the simulator what there is to see, and asks again as soon as it has answered; it answers when there is news.
   Never while the page is hidden: a chat that nobody sees is not read. */

import { get } from "./api.js";

const PAUSE_AFTER_FAILURE = 1000;
// News that comes together is drawn together.
const PAUSE_AFTER_NEWS = 80;

export class Feed {
  constructor(show, tell) {
    this.show = show;
    this.tell = tell;
    this.chosen = { number_id: "", customer_id: "", q: "" };
    this.seen = "";
    this.asking = null;
    document.addEventListener("visibilitychange", () => (isHidden() ? this.rest() : this.refresh()));
  }

  choose(what) {
    Object.assign(this.chosen, what);
    this.refresh();
  }

  refresh() {
    this.seen = "";
    this.asking?.abort();
    if (!isHidden()) this.#ask();
  }

  rest() {
    this.asking?.abort();
    this.tell("paused");
  }

  async #ask() {
    const asking = (this.asking = new AbortController());
    while (this.asking === asking && !asking.signal.aborted) {
      try {
        const query = { ...this.chosen, seen: this.seen, open: this.isOpen() ? "1" : "" };
        const found = await get("/view", query, asking.signal);
        if (asking.signal.aborted) return;
        this.seen = found.version;
        this.tell("live");
        this.show(found);
        await new Promise((resume) => setTimeout(resume, PAUSE_AFTER_NEWS));
      } catch (problem) {
        if (asking.signal.aborted) return;
        this.seen = "";
        this.tell("lost");
        await new Promise((resume) => setTimeout(resume, PAUSE_AFTER_FAILURE));
      }
    }
  }

  /* On a narrow screen the chat is open only while the phone is the part that is shown. */
  isOpen() {
    return document.getElementById("pane-phone").offsetParent !== null;
  }
}

function isHidden() {
  return document.visibilityState === "hidden";
}
