// An image enlarged: all its pictures side by side, zoomed and moved together, with the classes at the pointer.
"use strict";

segscore.panel("pictures", () => {
  const list = document.getElementById("cards"), viewer = document.getElementById("viewer");
  if (list === null || viewer === null) return;

  const panes = document.getElementById("viewer-panes"), said = document.getElementById("viewer-said");
  const names = new Map();
  for (const entry of document.querySelectorAll("#pictures .legend li")) {
    const chip = entry.querySelector("rect");
    if (chip) names.set(chip.getAttribute("fill"), entry.textContent.trim());
  }
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, STEP = 2;
  const slices = document.getElementById("viewer-slices"), slide = slices.querySelector("input");
  let strip = null, zoom = 1, x = 0, y = 0, pixels = [], cross = [50, 50];

  function place() {
    const least = -(zoom - 1) * 100;
    x = Math.min(0, Math.max(least, x));
    y = Math.min(0, Math.max(least, y));
    for (const image of panes.querySelectorAll("img")) {
      image.style.setProperty("--zoom", zoom);
      image.style.setProperty("--x", x);
      image.style.setProperty("--y", y);
    }
  }

  // Zoom about a point of the pane, given in percent of it.
  function zoomTo(wanted, px = 50, py = 50) {
    const next = Math.min(16, Math.max(1, wanted));
    x = px - ((px - x) * next) / zoom;
    y = py - ((py - y) * next) / zoom;
    zoom = next;
    place();
  }

  function read(image) {
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return context;
  }

  function colour(context, px, py) {
    const spot = context.getImageData(
      Math.min(context.canvas.width - 1, Math.floor((px / 100) * context.canvas.width)),
      Math.min(context.canvas.height - 1, Math.floor((py / 100) * context.canvas.height)), 1, 1).data;
    return "#" + Array.from(spot.slice(0, 3), (part) => part.toString(16).padStart(2, "0")).join("");
  }

  function point(px, py) {
    cross = [px, py];
    for (const shown of panes.querySelectorAll(".cross")) {
      shown.hidden = false;
      shown.style.setProperty("--cx", px);
      shown.style.setProperty("--cy", py);
    }
    const ix = (px - x) / zoom, iy = (py - y) / zoom;
    said.textContent = pixels
      .filter(Boolean) // those that have been decoded
      .map(([title, context]) => `${title}: ${names.get(colour(context, ix, iy)) || "ignored or no class"}`)
      .join(" · ");
  }

  // The slider of a volume's slices along the axis that is shown; null for an image.
  function slider() {
    return strip.parentElement.querySelector(".slide input");
  }

  function open(next, zoomed = false) {
    strip = next;
    const card = strip.closest(".card");
    document.getElementById("viewer-title").textContent = card.querySelector(".name").textContent;
    document.getElementById("viewer-scores").textContent = [strip.dataset.scores, strip.dataset.full].filter(Boolean).join(" · ");
    said.textContent = zoomed ? strip.dataset.full : ""; // which is read out
    // Pictures that are decoded when another image is shown already are not those of that image.
    const mine = [];
    pixels = mine;
    if (!zoomed) [zoom, cross] = [1, [50, 50]];
    slices.hidden = slider() === null;
    if (!slices.hidden) for (const name of ["max", "value", "ariaValueText"]) slide[name] = slider()[name];
    panes.replaceChildren(...Array.from(strip.querySelectorAll(".part"), (part, place) => {
      const shown = part.querySelector("img"), title = part.lastElementChild.textContent.trim();
      const caption = segscore.element("figcaption", { class: "small" }, title);
      if (shown === null) {
        // It could not be loaded: why is written where it was.
        return segscore.element("figure", { class: "pane" }, part.firstElementChild.cloneNode(true), caption);
      }
      const image = shown.cloneNode();
      image.draggable = false;
      image.alt = title;
      if (["target", "pred", "a", "b"].includes(image.dataset.part)) {
        image.decode().then(() => { mine[place] = [title, read(image)]; }, () => {});
      }
      const view = segscore.element("div", { class: "view" }, image, segscore.element("span", { class: "cross", hidden: "" }));
      return segscore.element("figure", { class: "pane" }, view, caption);
    }));
    const first = panes.querySelector("img[width]");
    panes.classList.toggle("four", panes.children.length === 4);
    panes.style.setProperty("--aspect", first ? first.getAttribute("width") / first.getAttribute("height") || 1.5 : 1.5);
    zoomTo(zoom);
    if (!viewer.open) viewer.showModal();
  }

  // The cross moves, and at the edge of an enlarged picture the picture does.
  function move([right, down]) {
    const [px, py] = [cross[0] + right * STEP, cross[1] + down * STEP];
    const inside = [px, py].map((part) => Math.min(100, Math.max(0, part)));
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

  function toSlice(place) {
    slider().value = place;
    slider().dispatchEvent(new Event("input"));
    open(strip, true);
  }

  const acts = {
    previous: () => step(-1), next: () => step(1), in: () => zoomTo(zoom * 1.5), out: () => zoomTo(zoom / 1.5),
    fit: () => zoomTo(1), close: () => viewer.close(),
    back: () => slices.hidden || toSlice(Number(slide.value) - 1), on: () => slices.hidden || toSlice(Number(slide.value) + 1),
  };

  list.addEventListener("click", (event) => {
    const found = event.target.closest(".strip");
    if (found) open(found);
  });
  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-act]");
    if (button) acts[button.dataset.act]();
    else if (event.target === viewer) viewer.close();
  });
  slide.addEventListener("input", () => toSlice(slide.value));
  viewer.addEventListener("keydown", (event) => {
    // The slider has keys of its own; with all of them, up is on.
    if (event.target === slide && !event.shiftKey && !event.key.startsWith("Page")) return;
    if (event.shiftKey && event.key in MOVES) {
      event.preventDefault();
      move(MOVES[event.key]);
      return;
    }
    const act = { ArrowLeft: "previous", ArrowRight: "next", "+": "in", "=": "in", "-": "out", 0: "fit", PageUp: "on", PageDown: "back" }[event.key];
    if (act) {
      event.preventDefault();
      acts[act]();
    }
  });
  viewer.addEventListener("close", () => strip && strip.focus());

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
