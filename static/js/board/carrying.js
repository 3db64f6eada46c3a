// What dragging a card means.

import { arrangement, event, part, selected, selectedRows, state, view, words } from "./desk.js";
import { draw } from "./drawing.js";
import { edit, endWithin } from "./editing.js";
import * as moves from "./moves.js";

function editsOf(id, drop) {
  const row = arrangement.row(id);
  const others = selected.has(id) ? selectedRows().filter((other) => other.id !== id) : [];
  if (drop.end !== undefined) return [{ id, end: endWithin(row, drop.end) }];
  if (drop.tray) return moves.toTray([row, ...others]);
  return moves.carry(row, others, drop.venue, drop.start, event.default_minutes);
}

export function carry(id, drop) {
  state.carried = { id, edits: editsOf(id, drop) };
  draw();
  const row = { ...arrangement.row(id), ...state.carried.edits[0] };
  const ghost = part("ghost");
  const [title, place, remarks] = ghost.children;
  title.textContent = row.title;
  const venue = state.venues.find((each) => each.id === row.venue);
  place.textContent = drop.tray ? words.say("drag_tray") : `${words.range(row.start, row.end)} · ${venue?.title ?? ""}`;
  remarks.textContent = (state.warnings.get(id) ?? []).join(". ");
  view.showLanding(drop.tray ? null : row);
}

export function letGo(id, drop) {
  const edits = drop ? editsOf(id, drop) : [];
  stopCarrying();
  edit(edits);
}

export function stopCarrying() {
  state.carried = null;
  view.showLanding(null);
  draw();
}
