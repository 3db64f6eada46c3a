// The two dialogs: one asks before something serious, one shows what saving would do and whose version holds.

import { make } from "./view.js";

/** Ask a question; answers {reason} when the answer is yes, else null. */
export function ask(dialog, { title, text, yes, hasReason = false }) {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("[data-text]").textContent = text;
  dialog.querySelector("[data-yes]").textContent = yes;
  dialog.querySelector("[data-field]").hidden = !hasReason;
  const field = dialog.querySelector("input");
  field.value = "";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    const close = () => resolve(dialog.returnValue === "yes" ? { reason: hasReason ? field.value.trim() : "" } : null);
    dialog.addEventListener("close", close, { once: true });
  });
}

function listOf(title, lines, className = "") {
  const section = make("section", className);
  const list = make("ul");
  list.append(...lines.map((line) => make("li", "", line)));
  section.append(make("h3", "", title), list);
  return section;
}

function partition(items, test) {
  return [items.filter(test), items.filter((item) => !test(item))];
}

export class Review {
  /** `hooks`: save(seen), takeTheirs(ids), showSet(id). */
  constructor(dialog, words, hooks) {
    Object.assign(this, { dialog, words, hooks, choices: new Map(), stale: [] });
    this.body = dialog.querySelector("[data-body]");
    this.button = dialog.querySelector("[data-save]");
    this.button.addEventListener("click", () => this._save());
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  }

  /** What saving would do to the changed sets, as the server says, and what else is wrong on the night. */
  show({ sentences, warnings, stale, told }, changedIds) {
    const { words } = this;
    this.body.replaceChildren();
    if (sentences.length) this.body.append(listOf(words.say("review_changes"), sentences, "board-sentences"));
    const [own, others] = partition(warnings, ({ set_ids: ids }) => ids.some((id) => changedIds.includes(id)));
    if (own.length) this.body.append(listOf(words.say("review_warnings"), own.map(({ sentence }) => sentence), "st-note warn"));
    if (told) this.body.append(make("p", "st-note board-told", told));
    if (others.length) this.body.append(this._others(others));
    this._askWhose(stale);
    this._open();
  }

  /** The server saved nothing, for somebody else was quicker: whose version of these sets holds? */
  showStale(stale) {
    this.body.replaceChildren();
    this._askWhose(stale);
    this._open();
  }

  say(text, id = null) {
    this.body.querySelector("[role=alert]")?.remove();
    const note = make("div", "st-note bad");
    note.setAttribute("role", "alert");
    note.append(make("p", "", text));
    if (id) note.append(this._button(this.words.say("show_set"), () => (this.dialog.close(), this.hooks.showSet(id))));
    this.body.prepend(note);
    this._setBusy(false);
  }

  close() {
    this._setBusy(false);
    this.dialog.close();
  }

  _open() {
    this._setBusy(false);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector("h2").focus();
    this.dialog.scrollTop = 0;
  }

  _others(warnings) {
    const details = make("details");
    const list = make("ul");
    list.append(...warnings.map(({ sentence }) => make("li", "", sentence)));
    details.append(make("summary", "", this.words.count("review_others", warnings.length)), list);
    return details;
  }

  _askWhose(stale) {
    this.stale = stale;
    this.choices.clear();
    if (!stale.length) return;
    const section = make("section", "board-stale");
    section.append(make("h3", "", this.words.say("review_stale")), make("p", "", this.words.say("choose")));
    section.append(...stale.map((each) => this._versions(each)));
    this.body.prepend(section);
  }

  /** Both versions of one set, with a button for each. */
  _versions({ id, title, by, at, now, now_sentence: theirs, yours_sentence: mine }) {
    const { words } = this;
    const group = make("div", "board-versions");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", title);
    const buttons = {};
    const choose = (whose) => {
      this.choices.set(id, whose);
      for (const [key, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(key === whose));
      this._setBusy(false);
    };
    const offer = (whose, label, sentence) => {
      buttons[whose] = this._button(words.say(label), () => choose(whose));
      buttons[whose].setAttribute("aria-pressed", "false");
      const line = make("div", "board-version");
      line.append(make("p", "", sentence), buttons[whose]);
      return line;
    };
    group.append(make("h4", "", title));
    if (now) group.append(offer("mine", "keep_mine", words.say("mine", { sentence: mine })));
    const who = [by || words.say("somebody"), at].filter(Boolean).join(", ");
    group.append(offer("theirs", "take_theirs", words.say("theirs", { who, sentence: theirs })));
    return group;
  }

  _button(label, action) {
    const button = make("button", "st-button", label);
    button.type = "button";
    button.addEventListener("click", action);
    return button;
  }

  _setBusy(isBusy) {
    const isOpen = this.stale.some(({ id }) => !this.choices.has(id));
    this.button.disabled = isBusy || isOpen;
  }

  _save() {
    const [theirs, mine] = partition(this.stale, ({ id }) => this.choices.get(id) === "theirs");
    this._setBusy(true);
    if (theirs.length) this.hooks.takeTheirs(theirs.map(({ id }) => id));
    this.hooks.save(new Map(mine.map(({ id, now }) => [id, now.version])));
  }
}
