// Small helps on pages that work without them. Each looks for a data attribute; see docs/explanation/look.md.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  // Storage may be refused (private windows, policies); then nothing is kept, and nothing breaks.
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* full or refused */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* refused */ } },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };

  // ---- what only makes sense with a script is hidden until there is one; also after an htmx swap ----
  // Browsers lend the clipboard to secure pages only; elsewhere the whole digest can still be selected.
  const useful = `${navigator.clipboard ? "[data-copy][hidden], " : ""}[data-dismiss][hidden], [data-show-keys][hidden]`;
  const reveal = (root) => all(useful, root).forEach((element) => { element.hidden = false; });

  document.addEventListener("click", async (event) => {
    const target = event.target.closest("[data-copy], [data-dismiss], [data-show-keys]");
    if (!target) {
      all("details.menu[open]").filter((menu) => !menu.contains(event.target)).forEach((menu) => { menu.open = false; });
      return;
    }
    if ("dismiss" in target.dataset) target.closest(".toast").remove();
    if ("showKeys" in target.dataset) one("#keys")?.showModal();
    if ("copy" in target.dataset) {
      const word = target.textContent;
      await navigator.clipboard.writeText(target.dataset.copy);
      target.textContent = target.dataset.copied;
      setTimeout(() => { target.textContent = word; }, 1500);
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && one("details.menu[open]");
    if (menu) { menu.open = false; one("summary", menu).focus(); }
  });

  // ---- keys ----
  const KEYS_OFF = "verify:keys-off";
  const keysOn = one("[data-keys-on]");
  if (keysOn) {
    keysOn.checked = !store.get(KEYS_OFF);
    keysOn.addEventListener("change", () => (keysOn.checked ? store.drop(KEYS_OFF) : store.set(KEYS_OFF, "1")));
  }
  // On an Arabic or Greek layout the same physical key does the same thing.
  const pressed = (event) => {
    if (/^[\x21-\x7e]$/.test(event.key)) return event.key.toLowerCase();
    if (event.key === "؟") return "?";
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : "";
  };
  const step = (by) => {
    const lists = all("[data-list]");
    const list = lists.find((candidate) => candidate.contains(document.activeElement)) ?? lists[0];
    const links = list ? [...list.children].map((item) => one("a[href]", item)).filter(Boolean) : [];
    const at = links.findIndex((link) => link.closest("[data-list] > *").contains(document.activeElement));
    const next = links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)];
    next?.focus();
  };
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog") || store.get(KEYS_OFF)) return;
    const key = pressed(event);
    if (Date.now() < going) {
      going = 0;
      const link = one(`[data-go="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (key === "g") going = Date.now() + 1200;
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "n") one("[data-next]")?.click();
    else if (key === "/" && one("[data-search]")) { event.preventDefault(); one("[data-search]").focus(); }
    else if (key === "?") one("#keys")?.showModal();
  });

  // ---- select text to anchor it ----
  // The selectors of a Web Annotation count Unicode code points; a string's length counts UTF-16 units.
  const codePoints = (text) => [...text].length;
  const CONTEXT = 32;
  const anchor = () => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const start = range.startContainer;
    const root = (start.nodeType === Node.ELEMENT_NODE ? start : start.parentElement).closest("[data-anchor-text]");
    if (!root || !root.contains(range.endContainer)) return;
    const before = document.createRange();
    before.selectNodeContents(root);
    before.setEnd(range.startContainer, range.startOffset);
    const prefix = before.toString();
    // Selecting a word by double click often takes the space after it, which is no part of a quotation.
    const raw = range.toString();
    const exact = raw.trim();
    if (!exact) return;
    const lead = prefix + raw.slice(0, raw.length - raw.trimStart().length);
    const from = codePoints(lead);
    const rest = root.textContent.slice(lead.length + exact.length);
    const values = {
      exact,
      start: from,
      end: from + codePoints(exact),
      prefix: [...lead].slice(-CONTEXT).join(""),
      suffix: [...rest].slice(0, CONTEXT).join(""),
    };
    for (const [name, value] of Object.entries(values)) {
      const field = root.dataset[name] && one(root.dataset[name]);
      if (field) { field.value = value; field.dispatchEvent(new Event("input", { bubbles: true })); }
    }
    const form = root.dataset.form && one(root.dataset.form);
    if (form) form.hidden = false;
  };
  if (one("[data-anchor-text]")) {
    document.addEventListener("pointerup", () => setTimeout(anchor));
    document.addEventListener("keyup", (event) => { if (event.shiftKey || event.key === "Shift") anchor(); });
  }

  // ---- drafts: kept per person, in this browser and for forms that travel also on the server, until sent or discarded ----
  const PREFIX = "verify:draft:";
  const MAX_AGE = 14 * 24 * 3600 * 1000;
  const user = document.body.dataset.user;
  const own = user && `${PREFIX}${user}:`;
  const read = (key) => { try { return JSON.parse(store.get(key)); } catch { return null; } };
  const kept = (form) => [...form.elements].filter((field) =>
    field.name && !field.matches("[type=hidden]:not([data-keep]), [type=password], [type=file], [type=submit], button, [data-no-draft]"));
  const ticked = (field) => field.matches("[type=checkbox], [type=radio]");
  const snapshot = (form) => kept(form).map((field) => [
    field.name,
    ticked(field) ? `${field.value}\n${field.checked}`
      : field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value,
  ]);
  const apply = (form, saved) => kept(form).forEach((field, index) => {
    const [name, value] = saved[index] ?? [];
    if (name !== field.name) return;
    if (ticked(field)) field.checked = value === `${field.value}\ntrue`;
    else if (field.multiple) [...field.options].forEach((option) => { option.selected = value.includes(option.value); });
    else field.value = value;
  });
  // By name, as the server keeps them: on another machine the form may offer more or less.
  const named = (form) => kept(form).reduce((fields, field) => {
    const values = fields[field.name] ??= [];
    if (field.multiple) values.push(...[...field.selectedOptions].map((option) => option.value));
    else if (!ticked(field) || field.checked) values.push(field.value);
    return fields;
  }, {});
  const applyNamed = (form, fields) => {
    const left = Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, [...values]]));
    kept(form).filter((field) => left[field.name]).forEach((field) => {
      if (ticked(field)) field.checked = fields[field.name].includes(field.value);
      else if (field.multiple) [...field.options].forEach((option) => { option.selected = fields[field.name].includes(option.value); });
      else field.value = left[field.name].shift() ?? field.value;
    });
  };
  const alike = (one, other) => Object.keys({ ...one, ...other })
    .every((name) => JSON.stringify(one[name] ?? []) === JSON.stringify(other[name] ?? []));

  const away = one("#draft-restored")?.dataset.drafts;
  const token = () => { try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch { return ""; } };
  // Whose page this is goes with it: another person may have signed in meanwhile, in the same browser.
  const ask = (method, keys, body, options = {}) => fetch(
    `${away}?${new URLSearchParams([["by", user], ...keys.map((key) => ["key", key])])}`,
    { method, body, redirect: "error", headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token() }, ...options });
  const forget = (key) => ask("DELETE", [key]).catch(() => { /* it will be too old one day */ });
  const say = (form, name) => {
    const notice = one(name).content.firstElementChild.cloneNode(true);
    form.prepend(notice);
    return notice;
  };
  const refused = (form) => Boolean(one(".error-summary, [aria-invalid=true]", form));

  const draft = (form) => {
    if (form.dataset.drafting) return null;
    form.dataset.drafting = "1";
    const name = form.dataset.draft;
    const travels = away && "draftTravels" in form.dataset;
    const key = own + name;
    const asServed = snapshot(form);
    const same = (values) => JSON.stringify(values) === JSON.stringify(asServed);
    const saved = read(key);
    // A form that came back with errors already carries what was typed, and it is newer than the draft.
    if (saved?.values && !same(saved.values) && !refused(form)) {
      apply(form, saved.values);
      const notice = say(form, "#draft-restored");
      one("[data-discard]", notice).addEventListener("click", () => {
        apply(form, asServed);
        store.drop(key);
        if (travels) forget(name);
        notice.remove();
      });
      form.hidden = false;
    }
    let timer = 0;
    let sending = 0;
    let journey = new AbortController();
    const put = (values, more = {}) => store.set(key, JSON.stringify({ kept: read(key)?.kept, travels, at: Date.now(), values, ...more }));
    const save = () => {
      clearTimeout(timer);
      const values = snapshot(form);
      if (same(values) && !refused(form)) store.drop(key);
      else put(values);
    };
    const send = async (options = {}) => {
      clearTimeout(sending);
      sending = 0;
      if (same(snapshot(form)) && !refused(form)) { forget(name); return; }
      try {
        const answer = await ask("POST", [], JSON.stringify({ key: name, fields: named(form) }), { signal: journey.signal, ...options });
        const told = one("[data-signed-out]", form);
        if (answer.ok) {
          const { saved_at: at } = await answer.json();
          const local = read(key);
          if (local && !local.sent) store.set(key, JSON.stringify({ ...local, kept: at }));
          told?.remove();
        } else if ([401, 403].includes(answer.status) && !told) say(form, "#draft-signed-out").dataset.signedOut = "";
      } catch { /* no line, or sent meanwhile: this browser keeps it */ }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(save, 400);
      if (!travels) return;
      clearTimeout(sending);
      sending = setTimeout(send, 2000);
    });
    addEventListener("pagehide", () => {
      if (timer && !form.dataset.sent) save();
      if (sending && !form.dataset.sent) send({ keepalive: true });
    });
    form.addEventListener("submit", () => {
      clearTimeout(sending);
      journey.abort();
      journey = new AbortController();
      save();
      form.dataset.sent = "1";
      put(snapshot(form), { sent: true });
    });
    return travels ? { form, name, kept: saved?.kept } : null;
  };

  // What was typed on another device is offered, never put in unasked.
  const offer = async (forms) => {
    if (!forms.length) return;
    let found = {};
    try {
      const answer = await ask("GET", forms.map(({ name }) => name));
      if (answer.ok) found = (await answer.json()).drafts;
    } catch { return; }
    forms.filter(({ form, name, kept: mine }) => found[name] && found[name].saved_at !== mine
      && !refused(form) && !alike(found[name].fields, named(form))).forEach(({ form, name }) => {
      const { fields, saved_at: at } = found[name];
      const notice = say(form, "#draft-offered");
      const when = one("[data-when]", notice);
      when.dateTime = at;
      when.textContent = new Date(at).toLocaleString(document.documentElement.lang, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
      one("[data-restore]", notice).addEventListener("click", () => {
        applyNamed(form, fields);
        notice.remove();
        form.dispatchEvent(new Event("input", { bubbles: true }));
      });
      one("[data-discard]", notice).addEventListener("click", () => { forget(name); notice.remove(); });
      form.hidden = false;
    });
  };
  const drafts = (root) => offer(all("form[data-draft]", root).map(draft).filter(Boolean));

  if (own) {
    // A sent draft is settled by the next ordinary page. A sign-in or error page, or the form itself with what was
    // wrong in it, means that it was not accepted.
    const arrived = !one("[data-keep-drafts]");
    const again = all("form[data-draft]").filter(refused).map((form) => own + form.dataset.draft);
    for (const key of store.keys().filter((name) => name.startsWith(PREFIX))) {
      const saved = read(key);
      if (!saved || Date.now() - saved.at > MAX_AGE) store.drop(key);
      else if (saved.sent && key.startsWith(own)) {
        if (arrived && !again.includes(key)) {
          store.drop(key);
          if (saved.travels) forget(key.slice(own.length));
        } else store.set(key, JSON.stringify({ ...saved, sent: false }));
      }
    }
    drafts(document);
    document.addEventListener("htmx:afterSwap", (event) => drafts(event.detail.elt.parentElement ?? document));
    // Signing out is deliberate: nothing confidential is left behind on a shared machine.
    one("[data-sign-out]")?.addEventListener("submit", () => {
      all("form[data-draft]").forEach((form) => { form.dataset.sent = "1"; });
      store.keys().filter((name) => name.startsWith(own)).forEach(store.drop);
    });
  } else if (one("[data-keep-drafts]")) {
    // The session ran out between typing and sending: keep what was sent for after the sign-in.
    for (const key of store.keys().filter((name) => name.startsWith(PREFIX))) {
      const saved = read(key);
      if (saved?.sent) store.set(key, JSON.stringify({ ...saved, sent: false }));
      const told = one("[data-drafts-kept]");
      if (saved?.values && told) told.hidden = false;
    }
  }

  reveal(document);
  one("[data-focus]")?.focus();
  document.addEventListener("htmx:afterSwap", (event) => reveal(event.detail.elt.parentElement ?? document));
  document.addEventListener("htmx:oobAfterSwap", () => reveal(document));
})();
