// Changes to the arrangement, and which sets they are made to.

import { arrangement, button, event, part, root, selected, selectedRows, state, storeKey, view, words } from "./desk.js";
import { draw, stateText } from "./drawing.js";
import { isPlaced } from "./rules.js";
import { announce, saySelected, sentenceOf } from "./saying.js";

const SHORTEST = 5; // minutes
export const LONGEST = 6 * 60; // minutes; a longer set is typed

export function remember() {
  if (!arrangement.changedCount) sessionStorage.removeItem(storeKey);
  else sessionStorage.setItem(storeKey, JSON.stringify({ drafts: arrangement.drafts }));
}

export function edit(edits) {
  if (!edits.length || !arrangement.edit(edits)) return;
  remember();
  draw();
  announce(edits.slice(0, 3).map(({ id }) => sentenceOf(arrangement.row(id))).join(" "));
  keepInSight(edits[0].id);
}

export function travel(direction) {
  arrangement[direction]();
  remember();
  draw();
  announce(words.say(direction === "undo" ? "undone" : "redone", { state: stateText() }));
}

export function discard() {
  arrangement.discard();
  remember();
  draw();
  announce(words.say("discarded"));
}

export function stretch(minutes) {
  edit(
    selectedRows()
      .filter((row) => row.start !== null)
      .map((row) => ({ id: row.id, end: endWithin(row, (row.end ?? row.start + event.default_minutes) + minutes) })),
  );
}

export const endWithin = (row, end) => Math.min(Math.max(end, row.start + SHORTEST), row.start + LONGEST);

export function moveAside(step) {
  const order = state.venues.map((venue) => venue.id);
  const target = (row) => order[order.indexOf(row.venue) + step];
  edit(selectedRows().filter((row) => row.venue !== null && target(row)).map((row) => ({ id: row.id, venue: target(row) })));
}

// --- Selecting ----------------------------------------------------------------------------------

export const selectsSeveral = () => button("several").getAttribute("aria-pressed") === "true";

export function select(id, isFurther) {
  const isOn = selected.has(id) && (isFurther || selected.size === 1);
  if (!isFurther) selected.clear();
  if (isOn) selected.delete(id);
  else selected.add(id);
  draw();
  saySelected();
  keepInSight(id);
}

export function selectAll(venue) {
  selected.clear();
  for (const row of arrangement.rows()) if (row.venue === venue && isPlaced(row)) selected.add(row.id);
  draw();
  saySelected();
}

export function clearSelection() {
  if (!selected.size) return;
  selected.clear();
  button("several").setAttribute("aria-pressed", "false");
  draw();
  saySelected();
}

export const measureBar = () => root.style.setProperty("--bar", `${part("bar").offsetHeight}px`);

/** The card above the buttons at the bottom, not below them. */
function keepInSight(id) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  measureBar();
  requestAnimationFrame(() => view.cardOf(id)?.button.scrollIntoView({ block: "nearest", inline: "nearest", behavior }));
}

export function focusOn(card) {
  if (!card) return;
  card.closest("details")?.setAttribute("open", "");
  state.focusedId = Number(card.dataset.set);
  for (const [id, each] of view.cards) each.button.tabIndex = id === state.focusedId ? 0 : -1;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export const showSet = (id) => focusOn(view.cardOf(id)?.button);
