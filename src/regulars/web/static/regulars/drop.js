// A file may be dropped anywhere on the page; the bar shows how much of it has gone up.
(() => {
  const form = document.getElementById("drop");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const bar = document.getElementById("upload-progress");
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  const mark = (on) => form.classList.toggle("drop-here", on);
  document.addEventListener("dragenter", (event) => {
    if (carries(event)) mark(++depth > 0);
  });
  document.addEventListener("dragleave", (event) => {
    if (carries(event)) mark(--depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    if (carries(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  input.addEventListener("change", () => {
    if (input.files.length) form.requestSubmit();
  });
  form.addEventListener("htmx:xhr:progress", (event) => {
    bar.classList.remove("d-none");
    if (event.detail.lengthComputable) bar.value = (100 * event.detail.loaded) / event.detail.total;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    bar.classList.add("d-none");
    if (!event.detail.successful || !event.detail.xhr.getResponseHeader("HX-Redirect")) input.value = "";
  });
})();
