// The day of the week of a copy's first night, and colours that are chosen: both work without, only later.
const dayName = (day) =>
  new Intl.DateTimeFormat(document.documentElement.lang || undefined, { weekday: "long", timeZone: "UTC" }).format(day);

for (const field of document.querySelectorAll("[data-weekday]")) {
  const input = field.querySelector("input[type=date]");
  const warning = field.querySelector("[data-warning]");
  const before = new Date(field.dataset.weekday);
  const look = () => {
    const now = input.valueAsDate;
    warning.hidden = !now || now.getUTCDay() === before.getUTCDay();
    warning.textContent = warning.hidden ? "" : field.dataset.differs.replace("DAY", dayName(now));
  };
  input.addEventListener("input", look);
  look();
}

for (const color of document.querySelectorAll("input[type=color]")) {
  color.addEventListener("input", () => {
    const asSite = document.getElementById(`${color.id}_as_site`);
    if (asSite) asSite.checked = false;
  });
}
