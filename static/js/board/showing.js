// How the board is shown: as columns or as a list, how tall an hour is, and which room a phone shows.

import { arrangement, button, part, root, state, view } from "./desk.js";
import { draw } from "./drawing.js";

const SCALES = [1.2, 1.6, 2, 2.6, 3.4]; // px a minute

/** On a phone, what is not needed at once is behind a button. */
export function foldOnPhones() {
  const phone = matchMedia("(max-width: 699px)");
  const fold = () => {
    for (const each of root.querySelectorAll("[data-fold]")) each.open = !phone.matches;
  };
  phone.addEventListener("change", fold);
  fold();
}

export function show(way) {
  root.dataset.view = way;
  localStorage.setItem("board-view", way);
  for (const each of root.querySelectorAll("[data-show]")) each.setAttribute("aria-pressed", String(each.dataset.show === way));
}

/** All buttons for the selected sets, or the few that are needed most: as it was left, else as the screen has room. */
export function isSheetOpen() {
  const kept = localStorage.getItem("board-sheet");
  return kept ? kept === "open" : matchMedia("(min-width: 700px)").matches;
}

export function openSheet(isOpen) {
  part("sheet").classList.toggle("is-open", isOpen);
  button("more").setAttribute("aria-expanded", String(isOpen));
  localStorage.setItem("board-sheet", isOpen ? "open" : "closed");
}

/** As it was left; else such that most sets have room for two lines. */
export function firstScale() {
  const kept = Number(localStorage.getItem("board-scale"));
  if (SCALES.includes(kept)) return kept;
  const lengths = arrangement.rows().filter((row) => row.end !== null).map((row) => row.end - row.start).sort((a, b) => a - b);
  return (lengths[Math.floor(lengths.length / 4)] ?? 30) < 25 ? 2.6 : 2;
}

export function zoom(step) {
  const index = SCALES.indexOf(view.scale) + step;
  const scale = SCALES[Math.min(Math.max(index, 0), SCALES.length - 1)];
  localStorage.setItem("board-scale", scale);
  const ratio = scale / view.scale;
  const { scroller } = view;
  view.setScale(scale);
  draw();
  scroller.scrollTop *= ratio;
  for (const each of root.querySelectorAll("[data-zoom]")) each.disabled = SCALES.indexOf(scale) === (each.dataset.zoom < 0 ? 0 : SCALES.length - 1);
}

function roomInSight() {
  const { left, right } = view.scroller.getBoundingClientRect();
  return view.venueAt((left + right) / 2);
}

export function showRoom(id) {
  const { scroller, columns } = view;
  const { column } = columns.get(id);
  scroller.scrollTo({ left: column.offsetLeft - view.axis.parentElement.offsetWidth });
}

export function showRoomBeside(step) {
  const order = state.venues.map((venue) => venue.id);
  const index = order.indexOf(roomInSight()) + step;
  showRoom(order[Math.min(Math.max(index, 0), order.length - 1)]);
}

export function markRoom() {
  const current = roomInSight();
  for (const each of view.switcher.children) {
    const isCurrent = Number(each.dataset.venue) === current;
    if (!isCurrent) each.removeAttribute("aria-current");
    else if (!each.hasAttribute("aria-current")) {
      each.setAttribute("aria-current", "true");
      view.switcher.scrollLeft = each.offsetLeft - view.switcher.offsetLeft - view.switcher.clientWidth / 2;
    }
  }
}
