// The keyboard: arrows go from card to card; once a card is selected they move it.

const STEP = 5; // minutes
const isTyping = (element) => element.matches("input, select, textarea");

function neighbour(button, key) {
  const item = button.closest("li");
  const columns = [...document.querySelectorAll(".board-column:not(.is-empty)")];
  const column = item.closest(".board-column");
  if (key === "ArrowDown") return item.nextElementSibling?.firstElementChild;
  if (key === "ArrowUp") return item.previousElementSibling?.firstElementChild ?? (column ? document.querySelector("[data-tray] .board-card") : null);
  const cards = (each) => [...(each?.querySelectorAll(".board-card") ?? [])];
  if (key === "Home") return cards(item.parentElement)[0];
  if (key === "End") return cards(item.parentElement).at(-1);
  if (!column) return cards(columns[0])[0];
  const aside = columns[columns.indexOf(column) + (key === "ArrowRight" ? 1 : -1)];
  const at = button.getBoundingClientRect().top;
  const distance = (card) => Math.abs(card.getBoundingClientRect().top - at);
  return cards(aside).sort((one, other) => distance(one) - distance(other))[0];
}

/** `hooks`: isSelected(id), shift(minutes), stretch(minutes), aside(step), remove(), escape(), undo(), redo(), help(), focus(button), canChange. */
export function listenToKeys(root, hooks) {
  const onCard = (event, button) => {
    const { key } = event;
    const isSelected = hooks.canChange && hooks.isSelected(Number(button.dataset.set));
    const sign = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
    if (key === "Delete" && hooks.canChange) hooks.remove(Number(button.dataset.set));
    else if (["ArrowUp", "ArrowDown"].includes(key) && isSelected) (event.shiftKey ? hooks.stretch : hooks.shift)(sign * STEP);
    else if (["ArrowLeft", "ArrowRight"].includes(key) && isSelected) hooks.aside(sign);
    else if (["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) hooks.focus(neighbour(button, key));
    else return;
    event.preventDefault();
  };

  root.addEventListener("keydown", (event) => {
    const button = event.target.closest(".board-card");
    if (button && !event.ctrlKey && !event.metaKey && !event.altKey) onCard(event, button);
  });

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "escape") hooks.escape();
    if (!hooks.canChange) return;
    if (key === "?") hooks.help();
    if (!event.ctrlKey && !event.metaKey) return;
    if (key === "y" || (key === "z" && event.shiftKey)) hooks.redo();
    else if (key === "z") hooks.undo();
    else return;
    event.preventDefault();
  });
}
