// The running-order board: shows a night, lets it be rearranged here, and saves it in one go.

import { carry, letGo, stopCarrying } from "./board/carrying.js";
import { arrangement, button, event, page, part, root, selected, selectedRows, state, view, words } from "./board/desk.js";
import { Drag } from "./board/drag.js";
import { addVenues, draw, setVenues } from "./board/drawing.js";
import {
  clearSelection, discard, edit, focusOn, measureBar, moveAside, select, selectAll, selectsSeveral, showSet, stretch, travel,
} from "./board/editing.js";
import { listenToKeys } from "./board/keys.js";
import * as moves from "./board/moves.js";
import { askForReview, poll, undoSave } from "./board/saving.js";
import { notify } from "./board/saying.js";
import { firstScale, foldOnPhones, isSheetOpen, markRoom, openSheet, show, showRoom, showRoomBeside, zoom } from "./board/showing.js";
import { remove, setLength, startAt, take } from "./board/steps.js";

const POLL = 20_000; // ms
const PATIENCE = 5 * 60_000; // ms without a touch or a key after which we stop asking, for asking keeps the session alive

// --- Listening ----------------------------------------------------------------------------------

root.addEventListener("click", ({ target, shiftKey, ctrlKey, metaKey }) => {
  const control = target.closest("button");
  if (!control) return;
  const { act, step, shift, show: way, zoom: taller, room, venue, all, look } = control.dataset;
  if (control.matches(".board-card")) pressed(control, shiftKey || ctrlKey || metaKey);
  else if (shift) edit(moves.shift(selectedRows(), Number(shift)));
  else if (step) take(step);
  else if (way) show(way);
  else if (taller) zoom(Number(taller));
  else if (venue) showRoom(Number(venue));
  else if (all) selectAll(Number(all));
  else if (look) showSet(Number(look));
  else if (room) showRoomBeside(Number(room));
  else if ("help" in control.dataset) document.getElementById("board-help").showModal();
  else if (act) acts[act](control);
});

function pressed(card, isFurther) {
  state.focusedId = Number(card.dataset.set);
  if (event.can_change) select(state.focusedId, isFurther || selectsSeveral());
}

const acts = {
  several: (control) => control.setAttribute("aria-pressed", String(!selectsSeveral())),
  more: (control) => openSheet(control.getAttribute("aria-expanded") !== "true"),
  clear: clearSelection,
  swap: () => edit(moves.swap(selectedRows())),
  tray: () => edit(moves.toTray(selectedRows())),
  undo: () => travel("undo"),
  redo: () => travel("redo"),
  discard,
  review: askForReview,
  "undo-save": undoSave,
};

const submits = {
  venue: ({ venue }) => edit(moves.moveTo(selectedRows(), Number(venue))),
  start: ({ start }) => startAt(start),
  length: ({ length }) => setLength(Number(length)),
  shift: ({ minutes }) => edit(moves.shift(selectedRows(), Number(minutes))),
};

root.addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const { target } = submitted;
  submits[target.dataset.form](Object.fromEntries(new FormData(target)));
});

root.addEventListener("focusin", ({ target }) => {
  if (target.matches(".board-card")) state.focusedId = Number(target.dataset.set);
});

part("add-venue")?.addEventListener("change", ({ target }) => {
  const id = Number(target.value);
  addVenues([id]);
  draw();
  showRoom(id);
});

let isMarking = false;
part("scroller").addEventListener("scroll", () => {
  if (isMarking) return;
  isMarking = true;
  requestAnimationFrame(() => ((isMarking = false), markRoom()));
}, { passive: true });

let lastTouched = Date.now();
for (const sign of ["pointerdown", "pointermove", "keydown", "focus"]) addEventListener(sign, () => (lastTouched = Date.now()), { passive: true });

addEventListener("beforeunload", (leaving) => {
  if (arrangement.changedCount) leaving.preventDefault();
});
document.addEventListener("visibilitychange", () => poll());
addEventListener("focus", () => poll());

// --- Beginning ----------------------------------------------------------------------------------

page.closest("#main").classList.add("board-wide");
foldOnPhones();
view.scale = firstScale();
show(localStorage.getItem("board-view") === "list" ? "list" : "board");
setVenues(state.venues, state.offered);
draw();
view.scrollToFirst(arrangement.rows());
markRoom();
const drag = event.can_change ? begin() : null;
listen();
setInterval(() => Date.now() - lastTouched < PATIENCE && poll(), POLL);

function begin() {
  openSheet(isSheetOpen());
  new ResizeObserver(measureBar).observe(part("bar"));
  if (arrangement.changedCount) notify(words.count("restored", arrangement.changedCount), "warn");
  return new Drag({
    root, view, ghost: part("ghost"),
    hooks: {
      canStart: () => root.dataset.view === "board" && !state.isBusy,
      rowOf: (id) => arrangement.row(id),
      move: carry,
      drop: letGo,
      cancel: stopCarrying,
    },
  });
}

function listen() {
  listenToKeys(root, {
    canChange: event.can_change,
    isSelected: (id) => selected.has(id),
    shift: (minutes) => edit(moves.shift(selectedRows(), minutes)),
    stretch,
    aside: moveAside,
    remove,
    escape: () => (drag?.isOn ? drag.cancel() : clearSelection()),
    undo: () => travel("undo"),
    redo: () => travel("redo"),
    help: () => document.getElementById("board-help").showModal(),
    focus: focusOn,
  });
}
