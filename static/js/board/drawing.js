// Brings the page to what the arrangement says.

import { STEPS } from "./arrangement.js";
import { arrangement, button, data, event, page, part, root, selected, selectedRows, state, stepButton, view, words } from "./desk.js";
import { findWarnings, isPlaced } from "./rules.js";
import { make } from "./view.js";

const rowsNow = () => (state.carried ? arrangement.rowsWith(state.carried.edits) : arrangement.rows());

function textsOfWarnings(rows) {
  const found = findWarnings({ rows, foreign: data.foreign, venues: state.venues, defaultMinutes: event.default_minutes });
  const texts = new Map();
  for (const warning of found) {
    if (!texts.has(warning.id)) texts.set(warning.id, new Set());
    texts.get(warning.id).add(words.warning(warning));
  }
  return new Map([...texts].map(([id, set]) => [id, [...set]]));
}

export function draw() {
  const rows = rowsNow();
  addMissingVenues(rows);
  state.warnings = textsOfWarnings(rows);
  // The card under the hand stays where it was picked up: taken out of the page, it would lose the touch.
  const shown = rows.map((row) => (row.id === state.carried?.id ? arrangement.row(row.id) : row));
  view.draw(shown, (row) => ({
    warnings: state.warnings.get(row.id) ?? [],
    isSelected: selected.has(row.id),
    isChanged: arrangement.isChanged(row.id),
    isStale: arrangement.isStale(row.id),
  }));
  root.hidden = !rows.length && !state.venues.length;
  page.querySelector("[data-empty]")?.toggleAttribute("hidden", rows.length > 0);
  drawTray();
  if (!state.carried) drawRest(rows);
}

function drawRest(rows) {
  drawWarnings(rows);
  if (!view.cardOf(state.focusedId)) state.focusedId = arrangement.rows().filter(isPlaced).sort((a, b) => a.start - b.start)[0]?.id ?? rows[0]?.id;
  for (const [id, { button }] of view.cards) button.tabIndex = id === state.focusedId ? 0 : -1;
  if (event.can_change) drawBar();
}

function drawTray() {
  const { length } = part("tray").children;
  part("tray").closest(".board-tray").classList.toggle("is-empty", !length);
  part("tray-count").textContent = length || "";
}

function drawWarnings(rows) {
  const panel = part("warnings");
  const concerned = rows.filter((row) => state.warnings.has(row.id));
  panel.hidden = !concerned.length;
  panel.querySelector("summary").textContent = words.count("warnings", concerned.length);
  const lines = concerned.map((row) => {
    const line = make("li");
    const button = make("button", "board-link", row.title);
    button.type = "button";
    button.dataset.look = row.id;
    line.append(button, ` ${state.warnings.get(row.id).join(". ")}`);
    return line;
  });
  panel.querySelector("ul").replaceChildren(...lines);
}

export function drawBar() {
  const { changedCount } = arrangement;
  part("state").textContent = stateText();
  const able = { undo: arrangement.past.length, redo: arrangement.future.length, discard: changedCount, review: changedCount };
  for (const [name, isAble] of Object.entries(able)) button(name).disabled = !isAble || state.isBusy;
  for (const name of ["undo", "redo", "discard"]) button(name).hidden = !changedCount && !arrangement.past.length && !arrangement.future.length;
  button("review").hidden = !changedCount;
  button("undo-save").hidden = !state.undoable || changedCount > 0;
  const { classList } = part("bar");
  classList.toggle("is-changed", changedCount > 0);
  classList.toggle("is-idle", !changedCount && !state.undoable && !arrangement.past.length && !arrangement.future.length);
  classList.toggle("is-open", selected.size > 0);
  drawSheet(selectedRows());
}

export function stateText() {
  const { changedCount } = arrangement;
  if (changedCount) return words.count("changed", changedCount);
  return state.undoable?.sentence || words.say("nothing_changed");
}

function drawSheet(rows) {
  part("sheet").hidden = !rows.length;
  if (!rows.length) return;
  part("selected").textContent = words.count("selected", rows.length, { title: rows[0].title });
  button("swap").hidden = rows.length !== 2;
  button("tray").hidden = rows.every((row) => row.venue === null && row.start === null);
  for (const step of STEPS) if (stepButton(step)) stepButton(step).hidden = !rows.some(({ id }) => arrangement.can(id, step));
  fillForms(rows);
}

/** What the forms propose is what the first of the sets has, unless somebody is typing in them. */
function fillForms(rows) {
  if (part("sheet").contains(document.activeElement) && document.activeElement.matches("input, select")) return;
  const [first] = [...rows].sort((one, other) => (one.start ?? Infinity) - (other.start ?? Infinity));
  field("venue").value = first.venue ?? "";
  field("start").value = first.start === null ? "" : words.inputTime(first.start);
  field("length").value = first.end === null ? event.default_minutes : first.end - first.start;
}

const field = (name) => root.querySelector(`[data-form="${name}"] [name]`);

function fillVenues() {
  const option = (venue) => new Option(venue.title, venue.id);
  root.querySelector("[data-form=venue] select").replaceChildren(new Option("", ""), ...[...state.venues, ...state.offered].map(option));
  const add = part("add-venue");
  add.replaceChildren(add.options[0], ...state.offered.map(option));
  part("add").hidden = !state.offered.length;
}

export function setVenues(list, further) {
  state.venues = list;
  state.offered = further;
  view.build(state.venues, arrangement.rows());
  if (event.can_change) fillVenues();
}

/** A column for every venue that a set is moved to. */
function addMissingVenues(rows) {
  const shown = new Set(state.venues.map((venue) => venue.id));
  const needed = state.offered.filter((venue) => !shown.has(venue.id) && rows.some((row) => row.venue === venue.id));
  if (needed.length) addVenues(needed.map((venue) => venue.id));
}

export function addVenues(ids) {
  const further = state.offered.filter((venue) => ids.includes(venue.id)).map((venue) => ({ changeover: 0, opens: null, curfew: null, ...venue }));
  setVenues([...state.venues, ...further], state.offered.filter((venue) => !ids.includes(venue.id)));
}
