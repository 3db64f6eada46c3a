// The form of a set: the nights of the event that was chosen, and how the typed times will be read.
const form = document.getElementById("performance_form");
const place = location.pathname.match(/^(.*\/performance\/)(?:(\d+)\/)?/) ?? [];
const field = (name) => form?.querySelector(`#id_${name}`);

if (form && field("starts")) {
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.className = "set-echo";
  field("ends").closest(".form-row, .field-line, div").after(said);
  let asked = 0;

  const nightsInto = (nights) => {
    const old = field("night");
    if (!nights.length) return;
    const select = document.createElement("select");
    select.id = old.id;
    select.name = old.name;
    select.className = "w-full max-w-2xl";
    for (const [value, text] of nights) select.add(new Option(text, value, false, value === old.value));
    old.replaceWith(select);
    select.addEventListener("change", () => ask(false));
  };

  const ask = async (isOtherEvent) => {
    const turn = ++asked;
    const query = new URLSearchParams({ event: field("event")?.value ?? "", set: place[2] ?? "" });
    for (const name of ["night", "venue", "starts", "ends"]) query.set(name, field(name)?.value ?? "");
    if (field("accept_long")?.checked) query.set("accept_long", "on");
    const answer = await fetch(`${place[1]}echo/?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || turn !== asked) return;
    const { nights, slot, error } = await answer.json();
    if (isOtherEvent) nightsInto(nights);
    said.textContent = slot || error;
  };

  let wait;
  for (const name of ["starts", "ends", "night", "accept_long"]) {
    field(name)?.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(ask, 300, false);
    });
  }
  window.django?.jQuery?.("#id_event").on("change", () => ask(true));
  window.django?.jQuery?.("#id_venue").on("change", () => ask(false));
}
