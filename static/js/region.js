// Marks a place: a box that is drawn with the pointer or moved with the keys, a span of time that is read from the
// player. All of it only fills the fields of the form, which can be typed just as well.
"use strict";
(() => {
  const root = document.querySelector("[data-region]");
  if (!root) return;
  const field = (name) => root.querySelector(`[name="${name}"]`);
  const fill = (name, value) => {
    const input = field(name);
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  root.querySelectorAll("[data-scripted]").forEach((element) => element.removeAttribute("hidden"));

  // ---- the box ----
  const NAMES = ["left", "top", "width", "height"];
  const stage = root.querySelector("[data-draw]");
  if (stage) {
    const { width: wide, height: high } = stage.viewBox.baseVal;
    const rects = [...stage.querySelectorAll("rect")];
    const typed = () => {
      const box = NAMES.map((name) => (field(name).value.trim() === "" ? NaN : Number(field(name).value)));
      return box.every(Number.isFinite) ? box : null;
    };
    const draw = (box) => rects.forEach((rect) => {
      rect.toggleAttribute("hidden", !box);
      NAMES.forEach((name, at) => rect.setAttribute({ left: "x", top: "y" }[name] ?? name, box ? Math.max(0, box[at]) : 0));
    });
    const put = (box) => {
      NAMES.forEach((name, at) => fill(name, box ? box[at] : ""));
      draw(box);
    };
    const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
    // Whole numbers, and wholly in the picture.
    const within = ([left, top, width, height]) => {
      const w = clamp(Math.round(width), 1, wide), h = clamp(Math.round(height), 1, high);
      return [clamp(Math.round(left), 0, wide - w), clamp(Math.round(top), 0, high - h), w, h];
    };
    const between = (a, b) => {
      const left = clamp(Math.floor(Math.min(a.x, b.x)), 0, wide - 1), top = clamp(Math.floor(Math.min(a.y, b.y)), 0, high - 1);
      const right = clamp(Math.ceil(Math.max(a.x, b.x)), left + 1, wide), bottom = clamp(Math.ceil(Math.max(a.y, b.y)), top + 1, high);
      return [left, top, right - left, bottom - top];
    };
    const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(stage.getScreenCTM().inverse());

    let from = null, moved = null;
    stage.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      stage.focus({ preventScroll: true });
      stage.setPointerCapture(event.pointerId);
      from = at(event);
      const box = typed();
      const inside = box && from.x >= box[0] && from.y >= box[1] && from.x <= box[0] + box[2] && from.y <= box[1] + box[3];
      moved = inside ? box : null;
    });
    stage.addEventListener("pointermove", (event) => {
      if (!from) return;
      const to = at(event);
      put(moved ? within([moved[0] + to.x - from.x, moved[1] + to.y - from.y, moved[2], moved[3]]) : between(from, to));
    });
    const end = () => { from = null; moved = null; };
    stage.addEventListener("pointerup", end);
    stage.addEventListener("pointercancel", end);

    stage.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { put(null); return; }
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!by || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const step = event.altKey ? 1 : Math.max(1, Math.round(Math.max(wide, high) / 100));
      const box = typed() ?? within([wide * 3 / 8, high * 3 / 8, wide / 4, high / 4]);
      const [x, y] = by.map((sign) => sign * step);
      put(within(event.shiftKey ? [box[0], box[1], Math.min(box[2] + x, wide - box[0]), Math.min(box[3] + y, high - box[1])]
        : [box[0] + x, box[1] + y, box[2], box[3]]));
    });
    NAMES.forEach((name) => field(name).addEventListener("input", () => draw(typed())));
    addEventListener("pageshow", () => draw(typed()));  // a draft, or what the browser remembers, is filled in by then
    draw(typed());
    root.querySelector("[data-clear-box]")?.addEventListener("click", () => { put(null); stage.focus(); });
    const toggle = root.querySelector("[data-draw-on]");
    const show = (on) => { stage.classList.toggle("on", on); toggle?.setAttribute("aria-pressed", String(on)); };
    toggle?.addEventListener("click", () => {
      show(!stage.classList.contains("on"));
      if (stage.classList.contains("on")) { player.pause(); stage.focus(); }
    });
    if (typed()) show(true);
  }

  // ---- the span ----
  const player = root.querySelector("video, audio");
  if (!player) return;
  const clock = (seconds) => {
    const ms = Math.round(seconds * 1000), whole = Math.floor(ms / 1000), two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    const rest = ms % 1000 ? `.${String(ms % 1000).padStart(3, "0").replace(/0+$/, "")}` : "";
    return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}${rest}`;
  };
  const seconds = (text) => {
    const parts = text.trim().split(":").map(Number);
    return parts.length && parts.every(Number.isFinite) ? parts.reduce((sum, part) => sum * 60 + part, 0) : NaN;
  };
  // Never beyond the end: a player's clock may run some milliseconds past what the file says of its length.
  const length = Number(root.dataset.length) / 1000 || Infinity;
  const frame = Number(root.dataset.frame);
  let until = null;
  player.addEventListener("timeupdate", () => {
    if (until !== null && player.currentTime >= until) { player.pause(); until = null; }
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set], [data-step], [data-play-span]");
    if (!button) return;
    if (button.dataset.set) fill(button.dataset.set, clock(Math.min(player.currentTime, length)));
    if (button.dataset.step) {
      player.pause();
      player.currentTime = Math.min(Math.max(0, player.currentTime + Number(button.dataset.step) * frame), length);
    }
    if ("playSpan" in button.dataset) {
      const from = seconds(field("from").value), to = seconds(field("to").value);
      if (!(to > from)) return;
      player.currentTime = from;
      until = to;
      player.play();
    }
  });
})();
