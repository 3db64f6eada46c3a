// Pasting a line-up: a file can be dropped, and the button counts the rows that are ticked.

const zone = document.querySelector("[data-drop]");
if (zone) {
  const field = zone.querySelector("input[type=file]");
  const hint = document.createElement("span");
  hint.className = "st-quiet";
  hint.textContent = ` ${zone.dataset.dropText}`;
  zone.querySelector("label").append(hint);
  const dropInto = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!dropInto(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!dropInto(event)) return;
    event.preventDefault();
    zone.classList.remove("over");
    field.files = event.dataTransfer.files;
    field.focus();
  });
}

const button = document.querySelector("[data-import]");
if (button) {
  const plural = new Intl.PluralRules(document.documentElement.lang || "en");
  const count = () => {
    const ticked = document.querySelectorAll("[data-include]:checked").length;
    const text = plural.select(ticked) === "one" ? button.dataset.one : button.dataset.other;
    button.textContent = text.replace("%d", ticked);
    button.disabled = ticked === 0;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-include]")) count();
  });
  // What stands beside a field was found for what was in it before.
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-include]")) event.target.closest("[data-row]")?.classList.add("edited");
  });
}
