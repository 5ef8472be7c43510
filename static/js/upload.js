// Shows how far files are on their way. The form is sent without it just as well.
"use strict";
(() => {
  const megabytes = (bytes) => (bytes / 2 ** 20).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const { elt, loaded, total, lengthComputable } = event.detail;
    const form = elt.closest("[data-upload]");
    const box = form?.querySelector("[data-upload-bar]");
    // The answer that comes back is progress too, and says nothing to anybody.
    if (!box || !total || box.dataset.sent) return;
    const bar = box.querySelector("progress");
    const words = box.querySelector("[data-upload-done]");
    box.hidden = false;
    if (loaded < total && lengthComputable !== false) {
      bar.max = total;
      bar.value = loaded;
      words.textContent = `${megabytes(loaded)} / ${megabytes(total)} MiB`;
    } else {
      box.dataset.sent = "1";
      bar.removeAttribute("value");
      words.textContent = words.dataset.uploadDone;
    }
  });
})();
