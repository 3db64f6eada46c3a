// Times, lengths and sentences. The clock is that of the event's zone, in the 12 or 24 hours of who reads.

const MINUTE = 60_000;
const HOUR = 60;

export class Words {
  constructor(texts, { timezone, hour12, midnight }, language) {
    this.texts = texts;
    this.hour12 = hour12;
    this.midnight = midnight;
    this.parts = new Intl.DateTimeFormat("en", {
      timeZone: timezone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    });
    this.weekdays = new Intl.DateTimeFormat(language, { timeZone: timezone, weekday: "long" });
    this.walls = new Map();
  }

  /** A text with its {names} filled in. */
  say(key, values = {}) {
    return this.texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  count(key, count, values = {}) {
    return this.say(`${key}_${count === 1 ? "one" : "many"}`, { count, ...values });
  }

  /** Minutes that the clocks of the event show, counted from the midnight that begins the night's date. */
  wall(minute) {
    return this._read(minute) - this._read(this.midnight);
  }

  /** The instant at which clocks show that many minutes after midnight. */
  instant(wall) {
    const guess = this.midnight + wall;
    return guess + wall - this.wall(guess);
  }

  clock(minute) {
    const [digits, half] = this._clockParts(minute);
    return half ? `${digits} ${half}` : digits;
  }

  /** A whole hour: "8 PM", "20:00" */
  hour(minute) {
    return this.hour12 ? this.clock(minute).replace(":00", "") : this.clock(minute);
  }

  /** "8:05 to 8:35 PM" */
  range(start, end) {
    if (start === null) return this.say("no_time");
    if (end === null) return this.say("end_open", { start: this.clock(start) });
    const [digits, half] = this._clockParts(start);
    const isSameHalf = half && half === this._clockParts(end)[1];
    return this.say("range", { start: isSameHalf ? digits : this.clock(start), end: this.clock(end) });
  }

  length(minutes) {
    if (minutes < 2 * HOUR) return this.say("minutes", { minutes });
    const rest = minutes % HOUR;
    return this.say(rest ? "hours_minutes" : "hours", { hours: Math.floor(minutes / HOUR), minutes: rest });
  }

  /** "20:05", as an input of type time wants it. */
  inputTime(minute) {
    return this._twoDigits(this._ofDay(minute));
  }

  weekday() {
    return this.weekdays.format(this.midnight * MINUTE);
  }

  warning({ kind, other, title, minutes, needed, at }) {
    return this.say(`warning_${kind}`, { other, title, minutes, needed, at: at === undefined ? "" : this.clock(at) });
  }

  _read(minute) {
    if (!this.walls.has(minute)) {
      const parts = this.parts.formatToParts(minute * MINUTE);
      const { year, month, day, hour, minute: past } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
      this.walls.set(minute, Date.UTC(year, month - 1, day, hour, past) / MINUTE);
    }
    return this.walls.get(minute);
  }

  _ofDay(minute) {
    return ((this.wall(minute) % (24 * HOUR)) + 24 * HOUR) % (24 * HOUR);
  }

  _twoDigits(ofDay) {
    return [Math.floor(ofDay / HOUR), ofDay % HOUR].map((each) => String(each).padStart(2, "0")).join(":");
  }

  _clockParts(minute) {
    const ofDay = this._ofDay(minute);
    if (!this.hour12) return [this._twoDigits(ofDay), ""];
    const hour = Math.floor(ofDay / HOUR);
    return [`${hour % 12 || 12}:${String(ofDay % HOUR).padStart(2, "0")}`, hour < 12 ? "AM" : "PM"];
  }
}
