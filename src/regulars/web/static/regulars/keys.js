// Keys: ? help, / search in this list, Ctrl+Enter saves; rows are in list.js, Ctrl+K in palette.js.
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const form = event.target.closest("form");
      if (form) {
        event.preventDefault();
        form.requestSubmit();
      }
      return;
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { bootstrap } = window.tabler || window;
    if (event.key === "?") {
      event.preventDefault();
      bootstrap.Modal.getOrCreateInstance("#keys").show();
    } else if (event.key === "/") {
      const box = document.querySelector("[data-list-search]");
      event.preventDefault();
      if (box) box.select();
      else bootstrap.Modal.getOrCreateInstance("#palette").show();
    }
  });
})();
