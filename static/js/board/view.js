// Draws the board: columns for venues, cards for sets, the tray for those without a place. Cards are made once and only
// touched where what they show has changed.

import { assumedEnd, isPlaced, lanesOf, takesPlace } from "./rules.js";

const HOUR = 60;
const ROOM_COLOURS = 12;
const ONE_LINE = 44; // px below which a card has room for one line of words, and for two
const TWO_LINES = 58;
const TOUCH = "(pointer: coarse), (max-width: 699px)";
const MIN_CARD = { fine: 36, coarse: 44 }; // px, as .board-item in the stylesheet

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

const letterOf = (index) => {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : letter + Math.floor(index / 26);
};

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

export class View {
  constructor({ root, scroller, tray, switcher, words, event, foreign }) {
    Object.assign(this, { root, scroller, tray, switcher, words, event, foreign });
    this.columns = new Map();
    this.cards = new Map();
    this.scale = 2;
    this.axis = scroller.querySelector("[data-axis]");
  }

  /** Columns for these venues, in that order; the axis covers what is played. */
  build(venues, rows) {
    this.venues = venues;
    this._fitRange(rows);
    this.scroller.querySelectorAll(".board-column").forEach((column) => column.remove());
    this.switcher.replaceChildren();
    this.columns.clear();
    venues.forEach((venue, index) => this._addColumn(venue, index));
    this._drawAxis();
    this.setScale(this.scale);
  }

  /** Begin where the first set does. */
  scrollToFirst(rows) {
    const starts = rows.filter(isPlaced).map((row) => row.start);
    if (starts.length) this.scroller.scrollTo({ top: (Math.min(...starts) - this.from - 15) * this.scale, behavior: "instant" });
  }

  setScale(scale) {
    this.scale = scale;
    this.root.style.setProperty("--scale", scale);
    this.root.style.setProperty("--span", this.to - this.from);
  }

  /** Draw the rows; `about` answers for a row {warnings, isSelected, isChanged, isStale}. */
  draw(rows, about) {
    const isCarrying = this.root.classList.contains("is-dragging");
    if (!isCarrying && rows.some((row) => isPlaced(row) && (row.start < this.from || (row.end ?? row.start) > this.to))) {
      this.build(this.venues, rows);
    }
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    const known = new Set(rows.map((row) => row.id));
    for (const [id, card] of this.cards) if (!known.has(id)) this._remove(id, card);
    this._drawList(this.tray, rows.filter((row) => !this._hasColumn(row)), about);
    const placed = new Map(this.venues.map((venue) => [venue.id, []]));
    for (const row of rows) if (this._hasColumn(row)) placed.get(row.venue).push(row);
    for (const venue of this.venues) this._drawColumn(venue, placed.get(venue.id), about);
    if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  }

  cardOf(id) {
    return this.cards.get(id);
  }

  /** Where a set would land that is being dragged; null where nothing is dragged on the board. */
  showLanding(row) {
    this.landing ??= make("div", "board-landing");
    if (!row || !this._hasColumn(row)) return this.landing.remove();
    const { body } = this.columns.get(row.venue);
    if (this.landing.parentElement !== body) body.append(this.landing);
    this._position(this.landing, row.start, row.end ?? row.start + this.event.default_minutes, { lane: 0, lanes: 1 });
  }

  minuteAt(y) {
    return this.from + (y - this.axis.getBoundingClientRect().top) / this.scale;
  }

  /** The venue whose column is at that x on the screen, the nearest one beside them. */
  venueAt(x) {
    let nearest = null;
    let distance = Infinity;
    for (const [id, { list }] of this.columns) {
      const { left, right } = list.getBoundingClientRect();
      const away = Math.max(left - x, x - right, 0);
      if (away < distance) [nearest, distance] = [id, away];
    }
    return nearest;
  }

  minimumMinutes() {
    return MIN_CARD[matchMedia(TOUCH).matches ? "coarse" : "fine"] / this.scale;
  }

  _hasColumn(row) {
    return isPlaced(row) && this.columns.has(row.venue);
  }

  _fitRange(rows) {
    const placed = [...rows.filter((row) => row.start !== null), ...this.foreign];
    const hours = this.venues.flatMap(({ opens, curfew }) => [opens, curfew]).filter((each) => each !== null);
    const minutes = [...placed.flatMap(({ start, end }) => [start, end ?? start + this.event.default_minutes]), ...hours];
    if (!minutes.length) minutes.push(this.words.instant(19 * HOUR), this.words.instant(25 * HOUR));
    const wholeHour = (minute, round) => this.words.instant(round(this.words.wall(minute) / HOUR) * HOUR);
    this.from = wholeHour(Math.min(...minutes) - HOUR / 2, Math.floor);
    this.to = wholeHour(Math.max(...minutes) + HOUR / 2, Math.ceil);
  }

  _addColumn(venue, index) {
    const letter = letterOf(index);
    const column = make("section", `board-column room-${(index % ROOM_COLOURS) + 1}`);
    column.dataset.venue = venue.id;
    column.setAttribute("aria-label", venue.title);
    const head = make("header");
    const title = make("h3");
    title.append(make("span", "board-letter", letter), " ", make("span", "board-venue", venue.title));
    head.append(title);
    const under = make("div", "board-under");
    const count = make("p", "board-count");
    under.append(count);
    if (this.event.can_change) under.append(this._selectAll(venue));
    head.append(under);
    const body = make("div", "board-body");
    const list = make("ol", "board-sets");
    list.setAttribute("aria-label", this.words.say("sets_in", { venue: venue.title }));
    body.append(...this._lines(venue), ...this._foreignCards(venue), list);
    column.append(head, body);
    this.scroller.append(column);
    this.columns.set(venue.id, { column, list, count, body });
    this._addToSwitcher(venue, letter, column);
  }

  _selectAll(venue) {
    const button = make("button", "board-link", this.words.say("select_all"));
    button.type = "button";
    button.dataset.all = venue.id;
    button.setAttribute("aria-label", this.words.say("select_all_in", { venue: venue.title }));
    return button;
  }

  _addToSwitcher(venue, letter, column) {
    const button = make("button", `board-letter ${column.classList[1]}`, letter);
    button.type = "button";
    button.dataset.venue = venue.id;
    button.setAttribute("aria-label", this.words.say("show_venue", { letter, venue: venue.title }));
    this.switcher.append(button);
  }

  _line(minute, className, text) {
    const line = make("div", `board-line ${className}`);
    line.style.setProperty("--at", minute - this.from);
    line.append(make("span", "", text));
    return line;
  }

  _lines(venue) {
    const { words } = this;
    const midnight = words.instant(24 * HOUR);
    return [
      [midnight, "midnight", words.say("midnight", { weekday: words.weekday() })],
      [venue.opens, "doors", venue.opens === null ? "" : words.say("doors", { at: words.clock(venue.opens) })],
      [venue.curfew, "curfew", venue.curfew === null ? "" : words.say("curfew", { at: words.clock(venue.curfew) })],
    ]
      .filter(([minute]) => minute !== null && minute >= this.from && minute <= this.to)
      .map(([minute, className, text]) => this._line(minute, className, text));
  }

  _foreignCards(venue) {
    return this.foreign
      .filter((row) => row.venue === venue.id && row.start !== null)
      .map((row) => {
        const card = make("div", "board-foreign");
        card.append(make("b", "", row.title), " ", make("span", "", this.words.range(row.start, row.end)));
        this._position(card, row.start, row.end ?? row.start + this.event.default_minutes, { lane: 0, lanes: 1 });
        return card;
      });
  }

  _drawAxis() {
    const hours = [];
    for (let minute = this.from; minute < this.to; minute += HOUR) {
      const hour = make("span", "", this.words.hour(minute));
      hour.style.setProperty("--at", minute - this.from);
      hours.push(hour);
    }
    this.axis.replaceChildren(...hours);
  }

  _drawColumn(venue, rows, about) {
    const column = this.columns.get(venue.id);
    const { list, count } = column;
    const isAsItWas = column.scale === this.scale && column.rows?.length === rows.length && rows.every((row, index) => row === column.rows[index]);
    if (isAsItWas) return rows.forEach((row) => this._write(this.cards.get(row.id), row, about(row)));
    Object.assign(column, { rows, scale: this.scale });
    const least = this.minimumMinutes();
    const items = rows.map((row) => ({ id: row.id, start: row.start, end: assumedEnd(row, rows, this.event.default_minutes) }));
    const lanes = lanesOf(items.map((item) => ({ ...item, end: Math.max(item.end, item.start + least) })));
    const ends = new Map(items.map((item) => [item.id, item.end]));
    this._drawList(list, rows, about, (card, row) => this._position(card, row.start, ends.get(row.id), lanes.get(row.id)));
    write(count, this.words.count("count_sets", rows.filter(takesPlace).length));
    list.hidden = !rows.length;
    list.closest("section").classList.toggle("is-empty", !rows.length);
  }

  _drawList(list, rows, about, position = () => {}) {
    const inOrder = [...rows].sort((one, other) => (one.start ?? Infinity) - (other.start ?? Infinity) || one.id - other.id);
    inOrder.forEach((row, index) => {
      const card = this.cards.get(row.id) ?? this._addCard(row);
      if (list.children[index] !== card.item) list.insertBefore(card.item, list.children[index] ?? null);
      position(card.item, row);
      this._write(card, row, about(row));
    });
  }

  _position(element, start, end, { lane, lanes }) {
    const key = [start, end, lane, lanes, this.from].join();
    if (element.dataset.at === key) return;
    element.dataset.at = key;
    const values = { at: start - this.from, minutes: end - start, lane, lanes };
    for (const [name, value] of Object.entries(values)) element.style.setProperty(`--${name}`, value);
  }

  _addCard(row) {
    const item = make("li", "board-item");
    const button = make("button", "board-card");
    button.type = "button";
    button.dataset.set = row.id;
    button.tabIndex = -1;
    const parts = Object.fromEntries(["title", "times", "length", "state", "warn"].map((name) => [name, make("span", `board-${name}`)]));
    button.append(...Object.values(parts));
    if (this.event.can_change) {
      const stretch = make("span", "board-stretch");
      stretch.setAttribute("aria-hidden", "true");
      button.append(stretch);
      button.setAttribute("aria-pressed", "false");
    }
    item.append(button);
    const card = { item, button, ...parts };
    this.cards.set(row.id, card);
    return card;
  }

  _remove(id, card) {
    card.item.remove();
    this.cards.delete(id);
  }

  _write(card, row, { warnings, isSelected, isChanged, isStale }) {
    const { words, event } = this;
    const looks = `${warnings.join()}|${isSelected}|${isChanged}|${isStale}|${this.scale}`;
    if (card.row === row && card.looks === looks) return;
    Object.assign(card, { row, looks });
    const venue = this.venues.find((each) => each.id === row.venue);
    const height = this._hasColumn(row) ? ((row.end ?? row.start + event.default_minutes) - row.start) * this.scale : Infinity;
    const size = height < ONE_LINE ? "is-short" : height < TWO_LINES ? "is-tight" : "";
    const times = words.range(row.start, row.end);
    const length = row.end === null ? "" : words.length(row.end - row.start);
    const states = this._states(row, isChanged, isStale);
    const place = isPlaced(row) ? "" : (venue?.title ?? words.say("no_venue"));
    write(card.title, row.title);
    write(card.times, [place, times].filter(Boolean).join(" · "));
    write(card.length, length && `· ${length}`);
    write(card.state, states.join(" · "));
    write(card.warn, warnings.join(". "));
    const { classList } = card.button;
    for (const each of ["is-short", "is-tight"]) classList.toggle(each, each === size);
    classList.toggle("has-warning", warnings.length > 0);
    classList.toggle("is-changed", isChanged);
    classList.toggle("is-stale", isStale);
    classList.toggle("is-off", row.status !== "scheduled");
    classList.toggle("is-hidden", !row.announced);
    classList.toggle("is-open", row.start !== null && row.end === null);
    classList.toggle("is-slot", row.kind !== "set");
    card.item.classList.toggle("is-selected", isSelected);
    if (event.can_change) card.button.setAttribute("aria-pressed", String(isSelected));
    card.button.setAttribute("aria-label", this.sentence(row, [...states, ...warnings]));
  }

  /** "Kelly Spears, Room 47, 8:05 to 8:35 PM, 30 min. Overlaps …" */
  sentence(row, remarks = []) {
    const venue = this.venues.find((each) => each.id === row.venue);
    const length = row.end === null ? "" : this.words.length(row.end - row.start);
    const facts = [row.title, venue?.title ?? this.words.say("no_venue"), this.words.range(row.start, row.end), length];
    return [facts.filter(Boolean).join(", "), ...remarks].join(". ");
  }

  _states(row, isChanged, isStale) {
    const { words } = this;
    return [
      row.kind === "set" ? "" : words.say(`kind_${row.kind}`),
      row.status === "scheduled" ? "" : words.say(`status_${row.status}`),
      row.announced ? "" : words.say("not_announced"),
      isStale ? words.say("stale") : isChanged ? words.say("unsaved") : "",
    ].filter(Boolean);
  }
}
