// What the theme leaves out: its buttons that are links without an address can be reached and pressed by keyboard.

const dead = "a:not([href])[x-on\\:click], span[x-on\\:click], div.cursor-pointer[x-on\\:click]";

for (const element of document.querySelectorAll(dead)) {
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.click();
  });
}

// The theme's lists to choose from are named by nothing: each gets the label of its field.
const nameLists = () => {
  for (const box of document.querySelectorAll(".select2-selection:not([aria-label])")) {
    const select = box.closest(".select2-container")?.previousElementSibling;
    const label = select?.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) box.setAttribute("aria-label", label.textContent.trim());
  }
  for (const search of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    search.setAttribute("aria-label", document.querySelector(".select2-container--open .select2-selection")?.getAttribute("aria-label") ?? "…");
  }
};

new MutationObserver(nameLists).observe(document.body, { childList: true, subtree: true });
nameLists();
