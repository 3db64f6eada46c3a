// What all parts of the board share: the page, what it shows, and how it stands.

import { Arrangement } from "./arrangement.js";
import { Server } from "./server.js";
import { View } from "./view.js";
import { Words } from "./words.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const page = document.getElementById("board-page");
export const root = document.getElementById("board");
export const part = (name) => root.querySelector(`[data-${name}]`);
export const button = (name) => root.querySelector(`[data-act="${name}"]`);
export const stepButton = (name) => root.querySelector(`[data-step="${name}"]`);

export const data = read("board-data");
export const { event } = data;
export const storeKey = `board:${event.id}:${event.night}`;
const stored = JSON.parse(sessionStorage.getItem(storeKey) ?? "{}");

export const words = new Words(read("board-texts"), event, document.documentElement.lang);
export const server = new Server(location.pathname, event.night, page.querySelector("[name=csrfmiddlewaretoken]").value);
export const arrangement = new Arrangement(data.sets, stored.drafts);
export const view = new View({
  root, words, event, foreign: data.foreign,
  scroller: part("scroller"), tray: part("tray"), switcher: part("switcher"),
});

export const selected = new Set();
export const selectedRows = () => arrangement.rows().filter((row) => selected.has(row.id));

export const state = {
  venues: data.venues,
  offered: data.all_venues, // venues that may get a column too
  revision: event.revision,
  undoable: event.undo, // the last save, as long as it can be undone
  warnings: new Map(), // texts by set
  carried: null, // the set that is being dragged, and the edits that letting go of it would make
  focusedId: null,
  isBusy: false,
  writes: 0, // so that an answer asked for before a save does not undo it on the board
};
