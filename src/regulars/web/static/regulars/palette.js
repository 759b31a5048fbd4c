// The palette: Ctrl/⌘ K opens it, arrows choose, Enter goes.
(() => {
  const modal = document.getElementById("palette");
  if (!modal) return;
  const input = document.getElementById("palette-input");
  const found = document.getElementById("palette-found");
  const items = () => [...found.querySelectorAll(".list-group-item-action")];
  const choose = (place) => {
    const all = items();
    if (!all.length) return;
    const to = (place + all.length) % all.length;
    all.forEach((item, i) => {
      item.classList.toggle("active", i === to);
      item.setAttribute("aria-selected", i === to);
    });
    all[to].scrollIntoView({ block: "nearest" });
  };
  const here = () => items().findIndex((item) => item.classList.contains("active"));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      (window.tabler || window).bootstrap.Modal.getOrCreateInstance(modal).toggle();
    }
  });
  modal.addEventListener("shown.bs.modal", () => {
    input.focus();
    input.select();
    htmx.trigger(input, "open");
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(here() + 1);
    else if (event.key === "ArrowUp") choose(here() - 1);
    else if (event.key === "Enter" && !event.ctrlKey) (items()[Math.max(here(), 0)] || { click() {} }).click();
    else return;
    event.preventDefault();
  });
  found.addEventListener("htmx:afterSwap", () => choose(0));
})();
