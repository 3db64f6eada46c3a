// "Take theirs": puts what somebody else saved meanwhile into the field. Without this the form can be opened anew.

function fill(field, options) {
  if (field.type === "checkbox") {
    field.checked = options[0][0];
    return;
  }
  if (field.tagName !== "SELECT") {
    field.value = options[0][0];
    return;
  }
  const wanted = new Set(options.map(([value]) => value));
  for (const [value, text] of options) {
    // A field that searches as one types knows only the choices that were looked at.
    if (![...field.options].some((each) => each.value === value)) field.add(new Option(text, value));
  }
  for (const each of field.options) each.selected = wanted.has(each.value);
}

for (const button of document.querySelectorAll("[data-take]")) {
  const field = document.getElementById(button.dataset.take);
  if (!field) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    fill(field, JSON.parse(button.dataset.options));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    button.textContent = button.dataset.taken;
    button.disabled = true;
  });
}
