// The claims board: keys between cards, choosing, dragging a card to another column. All of it is possible without:
// cards are links, the boxes belong to a form, and a page of that form moves what was chosen.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const boxes = () => all("input[form=bulk][name=claim]");

  // ---- choosing ----
  const told = one("[data-chosen]");
  const count = () => {
    const n = boxes().filter((box) => box.checked).length;
    if (told) told.textContent = n === 0 ? "" : n === 1 ? told.dataset.one : told.dataset.many.replace("%n", n);
  };
  document.addEventListener("change", (event) => { if (event.target.matches("input[form=bulk]")) count(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-choose-all]");
    if (!link) return;
    event.preventDefault();
    boxes().forEach((box) => { box.checked = true; });
    count();
  });
  addEventListener("pageshow", count); // what the browser remembers of a page that one comes back to

  const board = () => one("[data-board]");
  const dialog = one("#move");
  if (!board()) return;

  // ---- one card at a time can be reached with Tab; the keys go between cards ----
  const link = (card) => one(".proposition", card);
  const columns = () => all("section[data-state]", board()).filter((column) => one("[data-card]", column));
  const current = () => document.activeElement?.closest?.("[data-card]");
  const rove = (card) => all("[data-card]", board()).forEach((other) => {
    all("a, input, button", other).forEach((element) => { element.tabIndex = other === card ? 0 : -1; });
  });
  const focus = (card) => {
    if (!card) return;
    rove(card);
    link(card).focus();
  };
  const siblings = (card) => all("[data-card]", card.closest("section"));
  const down = (by) => {
    const card = current();
    if (!card) return focus(one("[data-card]", board()));
    const cards = siblings(card);
    focus(cards[Math.min(Math.max(cards.indexOf(card) + by, 0), cards.length - 1)]);
  };
  const across = (by) => {
    const card = current();
    if (!card) return focus(one("[data-card]", board()));
    const list = columns();
    const next = list[list.indexOf(card.closest("section")) + by];
    if (!next) return;
    const cards = all("[data-card]", next);
    focus(cards[Math.min(siblings(card).indexOf(card), cards.length - 1)]);
  };
  const forward = () => (getComputedStyle(board()).direction === "rtl" ? -1 : 1);
  const off = () => { try { return localStorage.getItem("verify:keys-off"); } catch { return null; } };
  const letter = (event) => (event.code.startsWith("Key") && !/^[\x21-\x7e]$/.test(event.key)
    ? event.code.slice(3) : event.key).toLowerCase();
  const ARROWS = { ArrowDown: () => down(1), ArrowUp: () => down(-1), ArrowRight: () => across(forward()), ArrowLeft: () => across(-forward()) };
  const LETTERS = {
    j: () => down(1),
    k: () => down(-1),
    l: () => across(forward()),
    h: () => across(-forward()),
    x: () => {
      const box = current() && one("input[type=checkbox]", current());
      if (box) { box.checked = !box.checked; count(); }
    },
    m: () => { if (current() && dialog) ask(current()); },
  };
  let going = 0; // after "g" a letter leads to another page
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const typing = "textarea, select, [contenteditable], dialog, input:not([type=checkbox])";
    if (event.target.closest(typing)) return;
    const outside = event.target !== document.body && !event.target.closest("[data-board]");
    const arrow = !event.shiftKey && current() && ARROWS[event.key];
    if (arrow) { event.preventDefault(); arrow(); return; }
    if (off() || outside) return;
    const key = letter(event);
    if (key === "g") going = Date.now() + 1200;
    else if (Date.now() < going) going = 0;
    else if (LETTERS[key]) { event.preventDefault(); LETTERS[key](); }
  }, true);
  document.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-board] [data-card]");
    if (card) rove(card);
  });
  rove(one("[data-card]", board()));
  if (!dialog) return;

  // ---- moving: the same form for the key, the button and the drop ----
  const form = one("form", dialog);
  const choice = one("[name=to]", form);
  const reason = one("[name=reason]", form);
  const error = one("[data-error]", dialog);
  const options = [...choice.options];
  const say = (words) => { // as the page itself says it when it has loaded
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.append(Object.assign(document.createElement("p"), { textContent: words }));
    one("#toasts").replaceChildren(toast);
    setTimeout(() => toast.remove(), 6000);
  };
  const ask = (card, to = "") => {
    const targets = card.closest("section").dataset.targets.split(" ").filter(Boolean);
    if (!targets.length) return say(dialog.dataset.nowhere);
    choice.replaceChildren(...options.filter((option) => targets.includes(option.value)));
    if (to) choice.value = to;
    one("[name=claim]", form).value = card.dataset.card;
    one("[name=seen]", form).value = card.dataset.state;
    one("[data-words]", form).textContent = link(card).textContent;
    error.textContent = "";
    reason.value = "";
    if (to && !owes(card).includes(to)) return send();
    dialog.showModal();
    (to ? reason : choice).focus();
    mark();
  };
  const owes = (card) => card.closest("section").dataset.owes.split(" ");
  const mark = () => { // a reason that is owed is asked for before anything is sent
    const card = one(`#card-${CSS.escape(one("[name=claim]", form).value)}`);
    reason.required = Boolean(card) && owes(card).includes(choice.value);
  };
  choice.addEventListener("change", mark);
  const back = () => focus(one(`#card-${CSS.escape(one("[name=claim]", form).value)}`));
  dialog.addEventListener("close", () => back());
  one("[data-cancel]", dialog).addEventListener("click", () => dialog.close());
  // The page is asked again rather than mended: counts, order and marks are then what a reload shows.
  const renew = async () => {
    const chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = one("[data-board]", page);
    if (!fresh) return location.reload();
    const place = board().scrollLeft;
    board().replaceWith(fresh);
    board().scrollLeft = place;
    const total = one("#board-total", page);
    if (total) one("#board-total").replaceWith(total);
    boxes().forEach((box) => { box.checked = chosen.has(box.value); });
    prepare();
    rove(one("[data-card]", board()));
    count();
  };
  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      const result = await answer.json();
      const why = result.error ?? result.refused[0]?.why ?? (result.unknown ? dialog.dataset.refused : "");
      if (why) return refuse(why);
      const word = choice.selectedOptions[0].textContent;
      await renew();
      if (dialog.open) dialog.close();
      else back();
      say(dialog.dataset.moved.replace("%s", word));
    } catch {
      refuse(dialog.dataset.lost);
    } finally {
      sending = false;
    }
  };
  const refuse = (why) => (dialog.open ? (error.textContent = why) : say(why));
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) ask(button.closest("[data-card]"));
  });

  // ---- dragging ----
  let dragged = null;
  const column = (event) => event.target.closest?.("[data-board] > section[data-state]");
  const prepare = () => {
    all("[data-move]", board()).forEach((button) => { button.hidden = false; });
    all("[data-card]", board()).forEach((card) => {
      card.draggable = true;
      link(card).draggable = false;
    });
  };
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-board] [data-card]") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", link(dragged).textContent);
    const targets = dragged.closest("section").dataset.targets.split(" ");
    dragged.classList.add("dragged");
    // A browser that sees its source move while a drag begins gives the drag up.
    setTimeout(() => {
      if (!dragged) return;
      board().classList.add("dragging");
      all("section[data-state]", board()).forEach((section) => {
        if (section.contains(dragged)) return;
        section.classList.add(targets.includes(section.dataset.state) ? "may" : "may-not");
      });
    });
  });
  document.addEventListener("dragover", (event) => {
    const over = dragged && column(event);
    all(".over", board()).forEach((section) => section.classList.toggle("over", section === over));
    if (!over || over.contains(dragged)) return;
    event.preventDefault(); // also where it may not go: the drop then says why
    event.dataTransfer.dropEffect = over.classList.contains("may") ? "move" : "none";
    if (over.classList.contains("may")) over.classList.add("over");
  });
  const done = () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    board().classList.remove("dragging");
    all("section[data-state]", board()).forEach((section) => section.classList.remove("may", "may-not", "over"));
  };
  document.addEventListener("drop", (event) => {
    const card = dragged, over = card && column(event);
    if (!over) return;
    event.preventDefault();
    const state = over.dataset.state;
    const stays = over.contains(card);
    done();
    if (!stays) ask(card, state);
  });
  document.addEventListener("dragend", (event) => {
    const card = dragged, over = card && document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-board] > section.may-not");
    done();
    if (over) say(`${over.dataset.label}: ${dialog.dataset.refused}`);
  });
  prepare();
})();
