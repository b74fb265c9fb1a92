// An image enlarged: its pictures side by side or one of them large, with masks as layers over its photograph. One walks
// through the cards of the page, in their order, each of which says in `data-picture` which pairs are its own, and in
// `data-ranked` what stands first; what is chosen, zoom and place are kept.
"use strict";

segscore.panel("pictures", () => {
  const list = document.getElementById("cards"), viewer = document.getElementById("viewer"), data = segscore.data("viewer");
  if (list === null || viewer === null || data === null) return;

  const part = (id) => document.getElementById("viewer-" + id);
  const [panes, said, slices, picks, opacity, help] = ["panes", "said", "slices", "layers", "opacity", "help"].map(part);
  const slide = slices.querySelector("input"), button = (act) => viewer.querySelector(`[data-act="${act}"]`);
  const places = new Map(data.classes.map(([, colour], place) => [colour, place]));
  const colours = data.classes.map(([, colour]) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  const MASKS = ["target", "pred", "a", "b"], MAPS = ["errors", "change"];
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, STEP = 2;
  // What the large picture is, what stands in the place of the target, and how opaque masks are if not wholly.
  let large = false, layer = "errors", turned = "target", through = 50;
  let strip = null, zoom = 1, x = 0, y = 0, cross = [50, 50], shown = [], masks = {};
  const legend = segscore.legend(data, paint);

  function place() {
    const least = -(zoom - 1) * 100;
    x = Math.min(0, Math.max(least, x));
    y = Math.min(0, Math.max(least, y));
    for (const [name, value] of Object.entries({ zoom, x, y })) panes.style.setProperty("--" + name, value);
  }

  // Zoom about a point of the pane, given in percent of it.
  function zoomTo(wanted, px = 50, py = 50) {
    const next = Math.min(16, Math.max(1, wanted));
    x = px - ((px - x) * next) / zoom;
    y = py - ((py - y) * next) / zoom;
    zoom = next;
    place();
  }

  function point(px, py) {
    cross = [px, py];
    for (const one of panes.querySelectorAll(".cross")) {
      one.hidden = false;
      one.style.setProperty("--cx", px);
      one.style.setProperty("--cy", py);
    }
    const at = (share, count) => Math.min(count - 1, Math.floor((share / 100) * count));
    said.textContent = shown
      .filter((one) => one.part in masks) // those that have been decoded
      .map(({ part: name, title }) => {
        const { width, height, classes } = masks[name];
        return `${title}: ${data.classes[classes[at((py - y) / zoom, height) * width + at((px - x) / zoom, width)]][0]}`;
      })
      .join(" · ");
  }

  // The colour of each pixel of a part; what is off is seen through, and so is what is right beneath other opacities.
  function painter(name) {
    const { look } = legend;
    if (name in masks) {
      const table = colours.map((colour, at) => [...colour, look.on[at] ? 255 : 0]);
      return (i) => table[masks[name].classes[i]];
    }
    const { errors, changes, ERRORS } = segscore.layers, [target, pred, a, b] = MASKS.map((one) => masks[one] && masks[one].classes);
    const kinds = name === "errors" ? errors(target, pred, look) : changes(target, a, b, look), hues = legend.colours();
    const table = [], clear = Number(opacity.value) < 100 && look.on.every(Boolean) ? [0] : [];
    for (const [kind, colour] of hues) table[kind] = [...colour, clear.includes(kind) ? 0 : 255];
    const other = name === "errors" ? ERRORS.length - 1 : segscore.layers.CHANGES.length - 1;
    if (table[other] && Number(opacity.value) < 100) table[other][3] = 0;
    if (!look.which) return (i) => table[kinds[i]];
    const wrong = new Set(name === "errors" ? [1, 2, 4, 5] : [1, 2, 3]);
    return (i) => {
      if (!wrong.has(kinds[i])) return table[kinds[i]];
      const guess = name === "errors" ? pred[i] : kinds[i] === 1 ? a[i] : b[i];
      return [...colours[look.chosen >= 0 && target[i] !== look.chosen ? target[i] : guess], 255];
    };
  }

  function paint() {
    panes.classList.toggle("large", large);
    button("view").setAttribute("aria-pressed", String(large));
    button("view").hidden = shown.length < 2;
    button("flicker").hidden = shown.filter((one) => MASKS.includes(one.part)).length < 2;
    picks.hidden = !large;
    for (const pick of picks.children) pick.setAttribute("aria-pressed", String(pick.dataset.part === layer));
    panes.style.setProperty("--opacity", Number(opacity.value) / 100);
    part("opaque").textContent = `${opacity.value}%`;
    for (const one of shown) {
      one.pane.hidden = large && one.part !== layer;
      const name = one.part === "target" ? turned : one.part;
      one.caption.textContent = name === one.part ? one.title : shown.find((other) => other.part === name).title;
      if (!masks.target || !one.canvas || !(name in masks || (MAPS.includes(name) && (masks.pred || masks.a)))) continue;
      segscore.layers.paint(one.canvas, masks.target.width, masks.target.height, painter(name));
      one.canvas.setAttribute("aria-label", one.caption.textContent);
      one.view.classList.add("painted");
      if (one.beneath) fit(one.beneath);
    }
  }

  // A photograph of another shape than the masks is not what lies beneath their pixels.
  function fit(image) {
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    image.hidden = width === 0 || Math.abs((width * masks.target.height) / masks.target.width - height) > 2;
  }

  // The slider of a volume's slices along the axis that is shown; null for an image.
  function slider() {
    return strip.parentElement.querySelector(".slide input");
  }

  function head() {
    const card = strip.closest(".card"), cards = Array.from(list.querySelectorAll(".card:has(.strip)"));
    const ranked = card.dataset.ranked || "";
    const total = Number(list.dataset.total || cards.length), rest = strip.dataset.scores.split(", ").filter((score) => score !== ranked);
    part("title").textContent = part("title").title = card.querySelector(".name").textContent;
    part("ranked").textContent = ranked;
    part("place").textContent = `${segscore.number(list.start + cards.indexOf(card))} of ${segscore.many(total, "image")}`;
    part("scores").textContent = [rest.join(", "), strip.dataset.full].filter(Boolean).join(" · ");
  }

  // A picture as it is, and in it, once its mask is decoded, the layer over the photograph.
  function pane(from, photograph) {
    const image = from.querySelector("img"), title = from.lastElementChild.textContent.trim();
    const caption = segscore.element("figcaption", { class: "small" }, title);
    if (image === null) {
      // It could not be loaded: why is written where it was.
      return { title, caption, pane: segscore.element("figure", { class: "pane" }, from.firstElementChild.cloneNode(true), caption) };
    }
    const copy = (of) => Object.assign(of.cloneNode(), { draggable: false, loading: "eager", alt: "" });
    const still = Object.assign(copy(image), { alt: title, className: "still" }), name = image.dataset.part;
    const view = segscore.element("div", { class: "view" }, still);
    const made = { part: name, title, caption, view, pane: segscore.element("figure", { class: "pane" }, view, caption) };
    if (MASKS.includes(name) || MAPS.includes(name)) {
      if (photograph) {
        made.beneath = Object.assign(copy(photograph), { className: "beneath-mask", hidden: true });
        made.beneath.addEventListener("load", () => masks.target && fit(made.beneath));
        view.append(made.beneath);
      }
      made.canvas = segscore.element("canvas", { role: "img", "aria-label": title });
      view.append(made.canvas);
    }
    view.append(segscore.element("span", { class: "cross", hidden: "" }));
    return made;
  }

  // Masks that are decoded when another image is shown already are not those of that image.
  async function decoded() {
    const mine = strip, full = strip.dataset.full, still = part("still");
    const wanted = shown.filter((one) => MASKS.includes(one.part));
    const found = await Promise.all(wanted.map((one) => segscore.layers.read(one.view.firstElementChild.getAttribute("src"), places)))
      .catch((error) => error);
    if (mine !== strip || full !== strip.dataset.full) return;
    const failed = found instanceof Error;
    still.hidden = !failed;
    part("legend").hidden = failed || wanted.length === 0;
    if (failed) {
      still.textContent = `The pictures stay as they are: ${found.message}.`;
      return;
    }
    masks = Object.fromEntries(wanted.map((one, i) => [one.part, found[i]]));
    if (data.sides.length === 0 && masks.target) legend.show(false, {}, new Set(masks.target.classes));
    if (!full && found.length > 0 && found[0].said) {
      strip.dataset.full = found[0].said;
      head();
    }
    paint();
  }

  function open(next, moved = false) {
    strip = next;
    head();
    said.textContent = moved ? strip.dataset.full : ""; // which is read out
    [masks, turned] = [{}, "target"];
    slices.hidden = slider() === null;
    if (!slices.hidden) for (const name of ["max", "value", "ariaValueText"]) slide[name] = slider()[name];
    const photograph = strip.querySelector('img[data-part="photograph"]');
    shown = Array.from(strip.querySelectorAll(".part"), (from) => pane(from, photograph));
    shown.forEach((one, at) => { one.part = one.part || `missing-${at}`; });
    panes.replaceChildren(...shown.map((one) => one.pane));
    if (!shown.some((one) => one.part === layer)) layer = shown[shown.length - 1].part;
    picks.replaceChildren(...shown.map((one) =>
      segscore.element("button", { type: "button", class: "name", "data-part": one.part }, one.title)));
    const sized = panes.querySelector("img[width]");
    const columns = [0, 1, 2, 3, 2][shown.length] || 3;
    panes.style.setProperty("--columns", columns);
    panes.style.setProperty("--rows", Math.ceil(shown.length / columns));
    panes.style.setProperty("--aspect", sized ? sized.getAttribute("width") / sized.getAttribute("height") || 1.5 : 1.5);
    place();
    if (data.sides.length > 0) legend.show(!slices.hidden, data.pairs[strip.closest(".card").dataset.picture]);
    if (!viewer.open) viewer.showModal();
    if (!viewer.contains(document.activeElement)) viewer.focus();
    decoded();
  }

  // The cross moves, and at the edge of an enlarged picture the picture does.
  function move([right, down]) {
    const [px, py] = [cross[0] + right * STEP, cross[1] + down * STEP];
    const inside = [px, py].map((one) => Math.min(100, Math.max(0, one)));
    x += inside[0] - px;
    y += inside[1] - py;
    place();
    point(...inside);
  }

  function step(way) {
    const strips = Array.from(list.querySelectorAll(".strip"));
    const next = strips[strips.indexOf(strip) + way];
    if (next) open(next);
  }

  function toSlice(at) {
    slider().value = at;
    slider().dispatchEvent(new Event("input"));
    open(strip, true);
  }

  function pick(name) {
    [layer, large, turned] = [name, true, "target"];
    paint();
  }

  // The next mask comes where the last one was: in the large picture, or else in the place of the target.
  function flicker() {
    const names = shown.map((one) => one.part).filter((name) => name in masks);
    if (names.length < 2) return;
    const after = names[(names.indexOf(large ? layer : turned) + 1) % names.length];
    if (large) layer = after;
    else turned = after;
    paint();
  }

  function opaque(value) {
    opacity.value = value;
    if (opacity.value < 100) through = opacity.value;
    paint();
  }

  function helped(open) {
    help.hidden = !open;
    button("help").setAttribute("aria-expanded", String(open));
  }

  const acts = {
    previous: () => step(-1), next: () => step(1), in: () => zoomTo(zoom * 1.5), out: () => zoomTo(zoom / 1.5),
    fit: () => zoomTo(1), close: () => viewer.close(), flicker, help: () => helped(help.hidden),
    back: () => slices.hidden || toSlice(Number(slide.value) - 1), on: () => slices.hidden || toSlice(Number(slide.value) + 1),
    view: () => { [large, turned] = [!large, "target"]; paint(); },
    through: () => opaque(opacity.value < 100 ? 100 : through),
    less: () => opaque(Number(opacity.value) - 10), more: () => opaque(Number(opacity.value) + 10),
    all: () => legend.all(true), none: () => legend.all(false), which: () => legend.turn(),
  };
  const KEYS = { ArrowLeft: "previous", ArrowRight: "next", "+": "in", "=": "in", "-": "out", 0: "fit", PageUp: "on", PageDown: "back",
    f: "flicker", v: "view", o: "through", "[": "less", "]": "more", a: "all", n: "none", w: "which", "?": "help" };

  list.addEventListener("click", (event) => {
    const found = event.target.closest(".strip");
    if (found) open(found);
  });
  viewer.addEventListener("click", (event) => {
    const found = event.target.closest("button[data-act], #viewer-layers button");
    if (found && found.dataset.act) acts[found.dataset.act]();
    else if (found) pick(found.dataset.part);
    else if (event.target === viewer) viewer.close();
  });
  slide.addEventListener("input", () => toSlice(slide.value));
  opacity.addEventListener("input", () => opaque(opacity.value));
  viewer.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Sliders have keys of their own; with all of those of slices, up is on.
    const page = key.startsWith("Page");
    if (target.type === "range" && !event.shiftKey && (page ? target !== slide : /^(Arrow|Home|End)/.test(key))) return;
    if (event.shiftKey && key in MOVES) {
      event.preventDefault();
      move(MOVES[key]);
    } else if (key === "Escape" && !help.hidden) {
      event.preventDefault();
      helped(false);
    } else if (shown[Number(key) - 1]) {
      pick(shown[Number(key) - 1].part);
    } else if (key in KEYS || key.toLowerCase() in KEYS) {
      event.preventDefault();
      acts[KEYS[key] || KEYS[key.toLowerCase()]]();
    }
  });
  viewer.addEventListener("close", () => strip && strip.focus());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

  let dragged = null;
  function at(event, view) {
    const frame = view.getBoundingClientRect();
    return [((event.clientX - frame.left) / frame.width) * 100, ((event.clientY - frame.top) / frame.height) * 100];
  }
  panes.addEventListener("wheel", (event) => {
    const view = event.target.closest(".view");
    if (!view) return;
    event.preventDefault();
    zoomTo(zoom * (event.deltaY < 0 ? 1.25 : 0.8), ...at(event, view));
  }, { passive: false });
  panes.addEventListener("pointerdown", (event) => {
    const view = event.target.closest(".view");
    if (!view) return;
    dragged = at(event, view);
    view.setPointerCapture(event.pointerId);
  });
  panes.addEventListener("pointermove", (event) => {
    const view = event.target.closest(".view");
    if (!view) return;
    const [px, py] = at(event, view);
    if (dragged && zoom > 1) {
      x += px - dragged[0];
      y += py - dragged[1];
      dragged = [px, py];
      place();
    }
    point(Math.min(100, Math.max(0, px)), Math.min(100, Math.max(0, py)));
  });
  for (const end of ["pointerup", "pointercancel"]) panes.addEventListener(end, () => { dragged = null; });
});
