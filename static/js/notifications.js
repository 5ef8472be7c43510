// Asks whether something new was told, while somebody looks at the page; without it the bell is as the page was made.
"use strict";
(() => {
  const EVERY = 20 * 1000;
  const bell = () => document.getElementById("bell");
  let looked = Date.now();

  const look = () => {
    if (document.visibilityState !== "visible" || Date.now() - looked < EVERY) return;
    looked = Date.now();
    if (bell()) htmx.trigger(bell(), "look");
  };
  setInterval(look, EVERY / 4);
  document.addEventListener("visibilitychange", look);

  // The count stands before the page's own title, as the server writes it.
  document.addEventListener("htmx:afterSettle", () => {
    const count = Number(bell()?.dataset.count ?? 0);
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = count ? `(${count}) ${title}` : title;
  });
})();
