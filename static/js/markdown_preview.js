// A text in Markdown as its readers will see it, below the field while it is typed.

const PAUSE = 400;
const panel = document.getElementById("markdown-preview");
const field = panel && document.getElementById(panel.dataset.field);

let timer = 0;
let latest = 0;

async function render() {
  const text = field.value;
  latest += 1;
  const own = latest;
  panel.hidden = !text.trim();
  if (panel.hidden) return;
  const sent = new FormData();
  sent.set("text", text);
  sent.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(panel.dataset.address, { method: "POST", body: sent });
  if (!answer.ok || own !== latest) return;
  panel.querySelector(".prose").innerHTML = (await answer.json()).html; // cleaned by the server, as the public page is
}

if (field?.form) {
  field.after(panel);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => render().catch(() => {}), PAUSE);
  });
  render().catch(() => {});
}
