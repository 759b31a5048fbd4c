// Resources: a slider and the field beside it say the same amount; the form sends only the field.
(() => {
  document.addEventListener("input", (event) => {
    const { target } = event;
    if (target.dataset.mirrors) {
      document.getElementById(target.dataset.mirrors).value = target.value;
    } else if (target.matches(".resource-amount")) {
      const slider = document.querySelector(`[data-mirrors="${CSS.escape(target.id)}"]`);
      if (slider && target.value.trim()) slider.value = target.value;
    }
  }, true);
})();
