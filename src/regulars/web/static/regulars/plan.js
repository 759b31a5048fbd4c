// The sliders of the plan: a slider that is moved holds its channel, the others follow what the server solved.
(() => {
  const number = new Intl.NumberFormat(document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en");
  const show = (wish) => {
    const out = wish.querySelector("output");
    if (out) out.textContent = number.format(Number(wish.querySelector("[data-slider]").value));
  };
  document.addEventListener("input", (event) => {
    const wish = event.target.closest("[data-wish]");
    if (wish && event.target.matches("[data-slider]")) {
      wish.querySelector("[data-held]").checked = true;
      show(wish);
    } else if (wish && event.target.matches("[data-held]") && event.target.checked) {
      // Freezing means as it is today; from there the slider can hold it elsewhere.
      const slider = wish.querySelector("[data-slider]");
      slider.value = slider.dataset.today;
      show(wish);
    } else if (event.target.matches("[data-total-slide]")) {
      document.querySelector("[data-total-field]").value = event.target.value;
    } else if (event.target.matches("[data-total-field]")) {
      const slide = document.querySelector("[data-total-slide]");
      if (event.target.value.trim()) slide.value = event.target.value;
    }
  }, true);
  document.addEventListener("htmx:afterSwap", () => {
    document.querySelectorAll("#answer [data-at]").forEach((row) => {
      const wish = document.querySelector(`[data-wish="${CSS.escape(row.dataset.of)}"]`);
      if (!wish || !row.dataset.at || wish.querySelector("[data-held]").checked) return;
      const slider = wish.querySelector("[data-slider]");
      if (slider === document.activeElement) return;
      slider.value = row.dataset.at;
      show(wish);
    });
  });
})();
