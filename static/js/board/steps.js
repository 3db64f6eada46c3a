// Steps that ask first, or that understand what was typed.

import { isAboutStatus } from "./arrangement.js";
import { arrangement, event, selected, selectedRows, stepButton, words } from "./desk.js";
import { ask } from "./dialogs.js";
import { edit, LONGEST, select } from "./editing.js";
import * as moves from "./moves.js";
import { notify } from "./saying.js";

const DAY = 24 * 60;
const ASKED = ["cancel", "postpone", "withdraw", "delete"];
const WITH_REASON = ["cancel", "postpone"];
const dialog = document.getElementById("board-ask");

export async function setLength(minutes) {
  const isLong = minutes > LONGEST;
  const question = {
    title: words.say("ask_long_title", { length: words.length(minutes) }),
    text: words.say("ask_long_text"),
    yes: words.say("ask_long_yes"),
  };
  if (isLong && !(await ask(dialog, question))) return;
  edit(moves.setLength(selectedRows(), minutes).map((each) => (isLong ? { ...each, accept_long: true } : each)));
}

/** Before the rollover hour means after midnight. */
export function startAt(text) {
  const [hours, minutes] = text.split(":").map(Number);
  const wall = hours * 60 + minutes + (text < event.rollover ? DAY : 0);
  edit(moves.startAt(selectedRows(), words.instant(wall), event.default_minutes));
}

/** Announce, cancel and their like, for those of the selected sets that it means something for. */
export async function take(step) {
  const rows = selectedRows().filter(({ id }) => arrangement.can(id, step));
  if (!rows.length) return;
  const isOther = (unsaved) => unsaved && isAboutStatus(unsaved) !== isAboutStatus(step);
  const other = rows.find(({ id }) => isOther(arrangement.drafts[id]?.do));
  if (other) return notify(words.say("save_first", { title: other.title }), "warn");
  let reason = "";
  if (ASKED.includes(step)) {
    const answer = await ask(dialog, {
      title: words.count(`ask_${step}`, rows.length, { title: rows[0].title }),
      text: words.say(`ask_${step}_text`),
      yes: words.say(`ask_${step}_yes`),
      hasReason: WITH_REASON.includes(step),
    });
    if (!answer) return;
    ({ reason } = answer);
  }
  edit(rows.map(({ id }) => ({ id, do: step, reason })));
}

/** Withdraw what was public, delete what never was. */
export function remove(id) {
  if (!selected.has(id)) select(id, false);
  const step = event.was_public ? "withdraw" : "delete";
  if (stepButton(step)) take(step);
}
