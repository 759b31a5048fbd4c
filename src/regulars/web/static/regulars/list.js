// Rows: j and k move, Enter opens, a click anywhere on a row opens it.
(() => {
  let at = -1;
  const rows = () => [...document.querySelectorAll("[data-list] tr[data-href], [data-row]")];
  const mark = (place) => {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(place, all.length - 1));
    all.forEach((row, i) => row.classList.toggle("row-here", i === at));
    all[at].scrollIntoView({ block: "nearest" });
    if (at === all.length - 1) document.querySelector(".more-row button")?.click();
  };
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, [contenteditable], .modal.show")) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") mark(at + 1);
    else if (event.key === "k") mark(at - 1);
    else if (event.key === "Enter" && at >= 0 && !event.target.closest("a, button")) {
      const row = rows()[at];
      if (row?.dataset.href) location.href = row.dataset.href;
    }
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, .dropdown-menu") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(row.dataset.href);
    else location.href = row.dataset.href;
  });
})();
