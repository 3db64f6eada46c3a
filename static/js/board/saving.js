// Saving, undoing a save, and what others save meanwhile.

import { arrangement, data, event, selected, server, state, view, words } from "./desk.js";
import { Review } from "./dialogs.js";
import { draw, drawBar, setVenues } from "./drawing.js";
import { clearSelection, remember, showSet } from "./editing.js";
import { notify } from "./saying.js";
import { FORBIDDEN, NO_ANSWER, SIGNED_OUT } from "./server.js";

const problemOf = ({ status, data: answer }) => {
  if (status === SIGNED_OUT) return words.say("signed_out");
  if (status === FORBIDDEN) return answer.message || words.say("forbidden");
  if (status === NO_ANSWER) return words.say("no_answer");
  return answer.message || words.say("refused");
};

/** One thing with the server at a time. */
async function busy(work) {
  if (state.isBusy) return;
  state.isBusy = true;
  drawBar();
  try {
    await work();
  } finally {
    state.isBusy = false;
    drawBar();
  }
}

const review = event.can_change
  ? new Review(document.getElementById("board-review"), words, { save, takeTheirs, showSet })
  : null;

export const askForReview = () =>
  busy(async () => {
    const changes = arrangement.changes();
    const answer = await server.preview(changes);
    if (answer.status === 200) review.show(answer.data, changes.map(({ id }) => id));
    else if (answer.status === 409) review.showStale(answer.data.stale);
    else {
      notify(problemOf(answer), "bad");
      if (answer.data.id) showSet(answer.data.id);
    }
  });

function takeTheirs(ids) {
  arrangement.drop(ids);
  remember();
}

/** `seen`: the versions by others, by set, over which mine is kept. A later one nobody has seen: the server asks again. */
function save(seen) {
  const changes = arrangement.changes(seen);
  if (!changes.length) {
    review.close();
    notify(words.say("all_theirs"), "good");
    return poll();
  }
  return busy(async () => {
    const answer = await server.save(changes);
    if (answer.status === 200) {
      review.close();
      taken(answer.data, changes, "saved");
    } else if (answer.status === 409) review.showStale(answer.data.stale);
    else review.say(problemOf(answer), answer.data.id);
  });
}

export const undoSave = () =>
  busy(async () => {
    const answer = await server.undo(state.undoable.batch);
    if (answer.status === 200) taken(answer.data, [], "save_undone");
    else notify(answer.data.stale ? answer.data.stale.map((each) => each.now_sentence).join(" ") : problemOf(answer), "bad");
  });

/** The server has written something: its rows hold, and what was changed here about them is done. */
function taken(answer, changes, key) {
  state.writes += 1;
  arrangement.drop(changes.map(({ id }) => id));
  arrangement.takeAll(answer.sets);
  state.revision = answer.revision;
  state.undoable = answer.undo;
  remember();
  clearSelection();
  draw();
  notify(words.say(key, { sentences: answer.sentences.join(" ") }), "good");
}

// --- What others do -----------------------------------------------------------------------------

/** Take over what has changed meanwhile. */
export async function poll() {
  if (state.carried || document.visibilityState !== "visible") return;
  const asked = state.writes;
  const { status, data: fresh } = await server.data();
  if (status !== 200 || asked !== state.writes || state.carried || state.isBusy || fresh.event.revision === state.revision) return;
  state.revision = fresh.event.revision;
  state.undoable = fresh.event.undo;
  const changed = arrangement.takeAll(fresh.sets);
  for (const id of selected) if (!arrangement.saved.has(id)) selected.delete(id);
  if (JSON.stringify([fresh.venues, fresh.foreign]) !== JSON.stringify([data.venues, data.foreign])) {
    data.venues = fresh.venues;
    data.foreign = view.foreign = fresh.foreign;
    const extra = state.venues.filter((venue) => !fresh.venues.some(({ id }) => id === venue.id));
    setVenues([...fresh.venues, ...extra], fresh.all_venues.filter(({ id }) => !extra.some((venue) => venue.id === id)));
  }
  remember();
  draw();
  changed.slice(0, 3).forEach(sayChanged);
}

function sayChanged({ row, isStale, isGone }) {
  if (isStale) notify(words.say("stale_by_other", { title: row.title }), "warn");
  else if (isGone) notify(words.say("gone_by_other", { title: row.title }));
  else notify(words.say("moved_by_other", { sentence: view.sentence(row) }));
}
