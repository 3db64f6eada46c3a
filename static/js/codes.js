// Backup codes: download, print, copy. Nothing leaves the browser.

const bar = document.querySelector("[data-codes]");

if (bar) {
  const codes = [...document.querySelectorAll("#codes code")].map((code) => code.textContent);
  const sheet = [bar.dataset.title, "", ...codes, ""].join("\n");
  bar.hidden = false;
  bar.querySelector("[data-print]").addEventListener("click", () => window.print());
  const copy = bar.querySelector("[data-copy]");
  copy.hidden = !navigator.clipboard; // it is there over https only
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(sheet);
      bar.querySelector("[data-said]").textContent = bar.dataset.copied;
    } catch {
      getSelection().selectAllChildren(document.getElementById("codes")); // not allowed: ready to be copied by hand
    }
  });
  const download = bar.querySelector("[data-download]");
  download.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([sheet], { type: "text/plain" }));
    link.download = download.dataset.download;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
