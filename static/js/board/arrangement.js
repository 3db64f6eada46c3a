// The running order as the server knows it, and what is changed here and not saved yet, with undo and redo.

const FIELDS = ["venue", "start", "end"];
const EFFECTS = {
  announce: { announced: true },
  hide: { announced: false },
  cancel: { status: "cancelled" },
  postpone: { status: "postponed" },
  restore: { status: "scheduled" },
  withdraw: { status: "removed" },
  delete: { status: "removed" },
};

export const STEPS = Object.keys(EFFECTS);
export const isAboutStatus = (step) => "status" in EFFECTS[step];
const hasEffect = (step, row) => Object.entries(EFFECTS[step]).some(([field, value]) => row[field] !== value);

export class Arrangement {
  constructor(sets, drafts = {}) {
    this.saved = new Map(sets.map((row) => [row.id, row]));
    this.drafts = Object.fromEntries(Object.entries(drafts).filter(([id]) => this.saved.has(Number(id))));
    this.past = [];
    this.future = [];
    this.arranged = new Map();
  }

  get changedCount() {
    return Object.keys(this.drafts).length;
  }

  isChanged(id) {
    return id in this.drafts;
  }

  /** Somebody else saved this set after it was changed here. */
  isStale(id) {
    return this.isChanged(id) && this.drafts[id].version !== this.saved.get(id)?.version;
  }

  /** The set as it is arranged here: the same object as long as nothing about it changes. */
  row(id) {
    const [saved, draft] = [this.saved.get(id), this.drafts[id]];
    const known = this.arranged.get(id);
    if (known && known.saved === saved && known.draft === draft) return known.row;
    const { venue, start, end, do: step } = { ...saved, ...draft };
    const row = { ...saved, venue, start, end, ...EFFECTS[step] };
    this.arranged.set(id, { saved, draft, row });
    return row;
  }

  /** Whether a step may be taken for a set as it is arranged here: as the server says, or back from one not saved yet. */
  can(id, step) {
    const [saved, unsaved] = [this.saved.get(id), this.drafts[id]?.do];
    if (unsaved === step) return false;
    const isBack = unsaved && isAboutStatus(unsaved) === isAboutStatus(step) && !hasEffect(step, saved);
    return isBack || saved.can.includes(step);
  }

  rows() {
    return [...this.saved.keys()].map((id) => this.row(id));
  }

  /** Rows as they would be after some edits that are not made yet. */
  rowsWith(edits) {
    const edited = new Map(edits.map((edit) => [edit.id, edit]));
    return this.rows().map((row) => (edited.has(row.id) ? { ...row, ...edited.get(row.id) } : row));
  }

  /** Make edits {id, venue, start, end, do, reason, accept_long}: one step for undo. Answers whether anything changed. */
  edit(edits) {
    const drafts = { ...this.drafts };
    for (const { id, ...fields } of edits) {
      const draft = this._normalized(id, { ...drafts[id], ...fields });
      if (draft) drafts[id] = draft;
      else delete drafts[id];
    }
    if (JSON.stringify(drafts) === JSON.stringify(this.drafts)) return false;
    this.past.push(this.drafts);
    this.future = [];
    this.drafts = drafts;
    return true;
  }

  undo() {
    this._travel(this.past, this.future);
  }

  redo() {
    this._travel(this.future, this.past);
  }

  discard() {
    this.past.push(this.drafts);
    this.future = [];
    this.drafts = {};
  }

  /** Forget what was changed here about some sets, for good: what was saved cannot be undone here. */
  drop(ids) {
    for (const id of ids) delete this.drafts[id];
    this.past = [];
    this.future = [];
  }

  /** What the server is asked to do; `seen` has the versions, by set, that were looked at after the change was made. */
  changes(seen = new Map()) {
    return Object.entries(this.drafts).map(([key, draft]) => {
      const id = Number(key);
      return { id, ...draft, version: seen.get(id) ?? draft.version, ...this._acceptance(id) };
    });
  }

  /** A long set that only moves was found right before. */
  _acceptance(id) {
    const [now, saved] = [this.row(id), this.saved.get(id)];
    const keepsLength = saved.end !== null && now.end !== null && now.end - now.start === saved.end - saved.start;
    return keepsLength ? { accept_long: true } : {};
  }

  /** The whole night as the server knows it now; answers the titles' rows that somebody else changed: {row, isStale, isGone}. */
  takeAll(rows) {
    const fresh = new Map(rows.map((row) => [row.id, row]));
    const changed = rows.filter((row) => this.saved.get(row.id)?.version !== row.version);
    const gone = [...this.saved.values()].filter((row) => !fresh.has(row.id));
    // What is changed here stays on the board, also when it is gone: the person who changed it decides.
    for (const row of gone) if (this.isChanged(row.id)) fresh.set(row.id, { ...row, version: null });
    this.saved = fresh;
    return [
      ...changed.map((row) => ({ row, isStale: this.isStale(row.id), isGone: false })),
      ...gone.filter((row) => row.version !== null).map((row) => ({ row, isStale: this.isStale(row.id), isGone: true })),
    ];
  }

  _travel(from, to) {
    if (!from.length) return;
    to.push(this.drafts);
    this.drafts = from.pop();
  }

  /** A draft without what is as it was saved; null when nothing is left of it. */
  _normalized(id, draft) {
    const row = this.saved.get(id);
    const kept = Object.fromEntries(FIELDS.filter((field) => field in draft && draft[field] !== row[field]).map((field) => [field, draft[field]]));
    if (draft.do && hasEffect(draft.do, row)) {
      kept.do = draft.do;
      if (draft.reason) kept.reason = draft.reason;
    }
    if (!Object.keys(kept).length) return null;
    if (draft.accept_long) kept.accept_long = true;
    return { version: draft.version ?? row.version, ...kept };
  }
}
