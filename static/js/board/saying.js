// What the board says of itself: aloud for those who hear it, and as notes.

import { arrangement, part, selectedRows, state, view, words } from "./desk.js";
import { make } from "./view.js";

/** A word for those who hear the board; the time makes the same sentence heard twice. */
export function announce(text) {
  const live = part("live");
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 30);
}

export function notify(text, kind = "") {
  const notice = make("div", `st-note ${kind}`);
  const close = make("button", "st-button", words.say("close"));
  close.type = "button";
  close.addEventListener("click", () => notice.remove());
  notice.append(make("p", "", text), close);
  const list = part("notices");
  list.append(notice);
  while (list.children.length > 3) list.firstElementChild.remove();
}

export function saySelected() {
  const rows = selectedRows();
  announce(rows.length ? words.count("selected_said", rows.length, { title: rows[0].title }) : words.say("cleared"));
}

export const sentenceOf = (row) => view.sentence(row, state.warnings.get(row.id) ?? []);
