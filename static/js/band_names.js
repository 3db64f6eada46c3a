// Names of bands while they are typed: what a new one may be already, and results while somebody searches.

const PAUSE = 300;

/** Call `act` with the latest text once nobody has typed for a moment; what comes too late is dropped. */
function whenTyped(input, act) {
  let timer = 0;
  let latest = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      latest += 1;
      const own = latest;
      act(input.value.trim(), () => own === latest).catch(() => {}); // without the network the server asks later
    }, PAUSE);
  });
}

function hintAtTwins(notice) {
  const name = document.getElementById("id_name");
  if (!name) return;
  if (!notice.childElementCount) name.closest(".field-name")?.after(notice); // above, it would push away the field
  whenTyped(name, async (text, isLatest) => {
    const address = new URL(notice.dataset.twins, location.href);
    address.searchParams.set("name", text);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const found = await answer.json();
    if (isLatest()) notice.innerHTML = found.html;
  });
  notice.addEventListener("click", (event) => {
    const needed = document.getElementById(event.target.closest("[data-needs]")?.dataset.needs ?? "");
    if (!needed || needed.value.trim()) return;
    event.preventDefault();
    needed.focus();
  });
}

function searchLive(form) {
  whenTyped(form.querySelector("input[type=search]"), async (text, isLatest) => {
    const answer = await fetch(`?${new URLSearchParams({ q: text })}`);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(form.dataset.live);
    if (found && isLatest()) document.getElementById(form.dataset.live).replaceChildren(...found.childNodes);
  });
}

const notice = document.querySelector("[data-twins]");
if (notice) hintAtTwins(notice);
for (const form of document.querySelectorAll("form[data-live]")) searchLive(form);
