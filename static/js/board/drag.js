// Carrying a card, or stretching its lower edge, with the mouse or a finger. On a touch screen a long press picks up, so
// that a swipe still scrolls. The card itself stays where it is until the end: a ghost shows where it would go.

const SNAP = 5; // minutes
const PICK_UP = 300; // ms
const SLACK = 8; // px that a hand may tremble
const EDGE = 48; // px at the rims in which the board scrolls by itself
const SPEED = 14; // px per frame

export class Drag {
  /** `hooks`: canStart(id), rowOf(id), move(id, drop), drop(id, drop), cancel(). A drop is {venue, start} or {end} or {tray}. */
  constructor({ root, view, ghost, hooks }) {
    Object.assign(this, { root, view, ghost, hooks, held: null });
    root.addEventListener("pointerdown", (event) => this._down(event));
    document.addEventListener("pointermove", (event) => this._moved(event));
    document.addEventListener("pointerup", (event) => this._up(event));
    document.addEventListener("pointercancel", (event) => this._isHeldBy(event) && this.cancel());
    // Once picked up, the finger moves the set and not the page.
    document.addEventListener("touchmove", (event) => this.isOn && event.preventDefault(), { passive: false });
    root.addEventListener("contextmenu", (event) => this.held?.isTouch && event.preventDefault());
    root.addEventListener("click", (event) => this._swallow(event), true);
  }

  get isOn() {
    return this.held?.isUp ?? false;
  }

  cancel() {
    if (!this.held) return;
    const wasOn = this.isOn;
    this._release();
    if (wasOn) this.hooks.cancel();
  }

  _isHeldBy(event) {
    return this.held?.pointer === event.pointerId;
  }

  _down(event) {
    const button = event.target.closest(".board-card");
    if (!button || event.button !== 0 || this.held) return;
    const id = Number(button.dataset.set);
    if (!this.hooks.canStart(id)) return;
    const isTouch = event.pointerType !== "mouse";
    this.held = {
      id, isTouch, pointer: event.pointerId, isUp: false,
      isStretch: Boolean(event.target.closest(".board-stretch")),
      from: [event.clientX, event.clientY], at: [event.clientX, event.clientY],
      timer: isTouch ? setTimeout(() => this._pickUp(), PICK_UP) : null,
    };
  }

  _moved(event) {
    if (!this._isHeldBy(event)) return;
    const { held } = this;
    held.at = [event.clientX, event.clientY];
    if (held.isUp) return this._plan();
    if (Math.hypot(held.at[0] - held.from[0], held.at[1] - held.from[1]) < SLACK) return;
    if (held.isTouch) this.cancel();
    else this._pickUp();
  }

  _up(event) {
    if (!this._isHeldBy(event)) return;
    const { id, isUp, at } = this.held;
    const drop = isUp ? this._dropAt(...at) : null;
    this._release();
    if (!isUp) return;
    this.swallows = true; // the click that the browser makes of it
    setTimeout(() => (this.swallows = false), 50);
    this.hooks.drop(id, drop);
  }

  _swallow(event) {
    if (!this.swallows) return;
    this.swallows = false;
    event.preventDefault();
    event.stopPropagation();
  }

  _pickUp() {
    const { held, view } = this;
    held.isUp = true;
    const row = this.hooks.rowOf(held.id);
    held.grip = row.start === null ? 0 : view.minuteAt(held.from[1]) - (held.isStretch ? row.end ?? row.start : row.start);
    if (!view.cardOf(held.id).item.closest(".board-column")) held.grip = 0;
    this.root.classList.add("is-dragging");
    view.cardOf(held.id).item.classList.add("is-carried");
    this.ghost.hidden = false;
    navigator.vibrate?.(10);
    this._plan();
  }

  _release() {
    clearTimeout(this.held.timer);
    cancelAnimationFrame(this.held.frame);
    this.root.classList.remove("is-dragging");
    this.view.cardOf(this.held.id)?.item.classList.remove("is-carried");
    this.ghost.hidden = true;
    this.held = null;
  }

  /** Once per frame: scroll at the rims, and say where the card would go. */
  _plan() {
    const { held } = this;
    if (held.frame) return;
    held.frame = requestAnimationFrame(() => {
      held.frame = null;
      if (this.held !== held) return;
      const isScrolling = this._scrollAtRims(...held.at);
      this._show(...held.at);
      if (isScrolling) this._plan();
    });
  }

  _show(x, y) {
    const drop = this._dropAt(x, y);
    const key = JSON.stringify(drop);
    if (key !== this.held.key) this.hooks.move(this.held.id, drop);
    this.held.key = key;
    const { width, height } = this.ghost.getBoundingClientRect();
    const left = Math.max(4, Math.min(x + 14, innerWidth - width - 4));
    const top = y - height - 14 < 4 ? y + 24 : y - height - 14;
    this.ghost.style.transform = `translate(${left}px, ${top}px)`;
  }

  _dropAt(x, y) {
    const { held, view } = this;
    const wanted = Math.round((view.minuteAt(y) - held.grip) / SNAP) * SNAP;
    const minute = Math.min(Math.max(wanted, view.from), view.to);
    if (held.isStretch) return { end: minute };
    const tray = view.tray.closest(".board-tray").getBoundingClientRect();
    const isOverTray = x >= tray.left && x < tray.right && y >= tray.top && y < tray.bottom;
    return isOverTray ? { tray: true } : { venue: view.venueAt(x), start: minute };
  }

  _scrollAtRims(x, y) {
    const { scroller } = this.view;
    const rim = scroller.getBoundingClientRect();
    const bottom = Math.min(rim.bottom, innerHeight);
    const towards = (at, low, high) => (at < low + EDGE ? -SPEED : at > high - EDGE ? SPEED : 0);
    const sideways = this.held.isStretch ? 0 : towards(x, rim.left, rim.right);
    const down = towards(y, Math.max(rim.top, 0), bottom);
    const before = [scroller.scrollLeft, scroller.scrollTop, scrollY];
    if (sideways) scroller.scrollLeft += sideways;
    // Above the board lies the tray: nothing scrolls while the card is over it.
    if (down && y >= rim.top) scroller.scrollTop += down;
    if (scroller.scrollTop === before[1] && (y > innerHeight - EDGE || y < EDGE)) scrollBy(0, down);
    return [scroller.scrollLeft, scroller.scrollTop, scrollY].some((each, index) => each !== before[index]);
  }
}
