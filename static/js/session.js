// Warns five minutes before a session ends, and keeps it alive if asked to.
// Another tab may have been active meanwhile, so the server is asked before anything is said.

const WARN_SECONDS = 5 * 60;
const dialog = document.getElementById("session-warning");

if (dialog) {
  const { left, stay, over, minutes, minute, last } = dialog.dataset;
  const text = dialog.querySelector("[data-text]");
  const form = dialog.querySelector("form");
  const close = dialog.querySelector("[data-close]");
  let timer;
  let isKnown = false; // that nothing can be done but saving: said once, for it would be in the way

  const after = (seconds, action) => {
    clearTimeout(timer);
    timer = setTimeout(action, Math.max(1, seconds) * 1000);
  };

  const say = ({ idle, absolute }) => {
    const whole = Math.floor(idle / 60);
    const isLast = absolute <= idle;
    if (isLast) text.textContent = last.replace("%s", Math.max(1, Math.ceil(idle / 60)));
    else text.textContent = whole < 1 ? minute : minutes.replace("%s", whole);
    form.hidden = isLast;
    close.hidden = !isLast;
    if (!dialog.open && !(isLast && isKnown)) dialog.showModal();
    isKnown ||= isLast;
    after(Math.min(30, idle), check);
  };

  const act = (state) => {
    if (state.idle <= 0) location.assign(over);
    else if (state.idle > WARN_SECONDS) {
      if (dialog.open) dialog.close();
      after(state.idle - WARN_SECONDS, check);
    } else say(state);
  };

  async function ask(address, options) {
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" }, ...options });
      if (response.status === 401) return location.assign(over);
      if (response.ok) return act(await response.json());
    } catch {
      // No signal: the session may well live on, so look again soon.
    }
    after(30, check);
  }

  const check = () => ask(left);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(stay, { method: "POST", body: new FormData(form) });
  });
  close.addEventListener("click", () => dialog.close());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") check();
  });
  check();
}
