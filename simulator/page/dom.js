/* Elements made by hand: no markup is ever made of words that somebody wrote. */

export function make(tag, facts = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((one) => one !== null && one !== undefined && one !== false));
  return element;
}

/* Makes the children of `parent` those of `items`, and leaves alone what has not changed: a playing voice note,
   a selection, the focus. */
export function keyed(parent, items, keyOf, build) {
  const present = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const facts = JSON.stringify(item);
    let child = present.get(key);
    present.delete(key);
    if (!child || child.facts !== facts) {
      const fresh = build(item);
      fresh.dataset.key = key;
      fresh.facts = facts;
      if (child) {
        const hadFocus = child.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
        if (place === child) place = fresh;
        child.replaceWith(fresh);
        if (hadFocus) fresh.querySelector(`[data-focus="${hadFocus}"]`)?.focus();
      }
      child = fresh;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  present.forEach((child) => child.remove());
}

const PATHS = {
  plus: "M12 5v14M5 12h14",
  send: "M5 12 20 5l-4 14-4-6-7-1Zm7 1 8-8",
  tick: "m5 13 4 4L19 7",
  ticks: "m2 13 4 4L16 7m-4 8 2 2L22 8",
  clock: "M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  fault: "M12 8v5m0 3v.5M12 3 2.5 20h19L12 3Z",
  play: "M7 5v14l11-7L7 5Z",
  file: "M7 3h7l5 5v13H7V3Zm7 0v5h5",
  place: "M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21Zm0-9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 8c1-4 4-5.5 8-5.5s7 1.500 8 5.5",
  cross: "M6 6l12 12M18 6 6 18",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function time(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/* The time today, the day before that. */
export function when(seconds) {
  const then = new Date(seconds * 1000);
  const isToday = then.toDateString() === new Date().toDateString();
  return isToday ? time(seconds) : then.toLocaleDateString([], { day: "numeric", month: "short" });
}

export function exactTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function day(seconds) {
  return new Date(seconds * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

/* Says what went wrong where everybody sees it, for a while. */
export function complain(problem) {
  const notice = document.getElementById("notice");
  notice.textContent = problem.message || String(problem);
  notice.hidden = false;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => (notice.hidden = true), 8000);
}

/* An act of the page that may be refused. */
export function trying(act) {
  return async (...given) => {
    try {
      return await act(...given);
    } catch (problem) {
      complain(problem);
      return undefined;
    }
  };
}
