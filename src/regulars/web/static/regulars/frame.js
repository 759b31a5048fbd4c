// Small habits every page shares: tooltips, confirmations, forms that lose nothing.
(() => {
  const { bootstrap } = window.tabler || window;
  if (bootstrap) {
    new bootstrap.Tooltip(document.body, { selector: '[data-bs-toggle="tooltip"]', trigger: "hover focus" });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = form.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    // A second press of a slow button must not do the deed twice.
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 8000);
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tabs] .nav-link");
    tab?.closest("[data-tabs]").querySelectorAll(".nav-link").forEach((one) => one.classList.toggle("active", one === tab));
  });
  const toast = (text, address) => {
    const box = document.createElement("div");
    box.className = "toast show align-items-center";
    box.setAttribute("role", "status");
    const body = document.createElement("div");
    body.className = "toast-body";
    const words = document.createElement(address ? "a" : "span");
    words.textContent = text;
    if (address) Object.assign(words, { href: address, target: "_blank" });
    body.append(words);
    box.append(body);
    document.getElementById("toasts").append(box);
    setTimeout(() => box.remove(), address ? 30000 : 5000);
  };
  document.addEventListener("toast", (event) => toast(event.detail.value || event.detail));
  // The cookie is always current, also after logging in again in another tab.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.cookie.match(/(?:^|; )regulars_csrf=([^;]+)/);
    if (token) event.detail.headers["X-CSRFToken"] = token[1];
  });
  // The session ran out: say so and leave everything typed where it is.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL || location.href).pathname !== "/login/") return;
    event.detail.shouldSwap = false;
    toast(document.body.dataset.expired, "/login/");
  });
  document.addEventListener("htmx:responseError", (event) => {
    const text = event.detail.xhr.getResponseHeader("X-Problem");
    toast(text ? decodeURIComponent(text) : `${event.detail.xhr.status}`);
  });
})();
