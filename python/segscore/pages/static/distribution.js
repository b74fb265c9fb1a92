// The threshold: a histogram of images, the curves of what is right, and the numbers at the slider.
"use strict";

segscore.panel("images", () => {
  const data = segscore.data("images");
  if (data === null) return;

  const HEIGHT = 280, LEFT = 40, RIGHT = 8, TOP = 14, BOTTOM = 26, BIN = 5;
  const slider = document.getElementById("threshold"), choice = document.getElementById("threshold-class");
  const box = document.getElementById("distribution-chart");
  const tall = HEIGHT - TOP - BOTTOM;
  const y = (share) => TOP + (1 - share) * tall;
  let width = 0, x = null, cells = null, columns = [], ofCells = null, now = null, dots = [], words = [];

  // What reaches one edge and not the next lies between them; what is exactly 1 belongs to the last bin.
  const bins = [];
  for (let edge = 0; edge < 100; edge += BIN) {
    bins.push(data.images[edge] - (edge + BIN < 100 ? data.images[edge + BIN] : 0));
  }
  const highest = Math.max(1, ...bins);

  function line(counts, of) {
    return counts.map((count, t) => `${t ? "L" : "M"}${x(t / 100).toFixed(1)} ${y(of ? count / of : 0).toFixed(1)}`).join("");
  }

  function draw() {
    width = Math.max(240, box.clientWidth);
    const inner = width - LEFT - RIGHT;
    x = (share) => LEFT + share * inner;
    const picture = segscore.svg("svg", {
      width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
      "aria-label": "Histogram of the mean IoU of images, and the share of images and of classes in images "
        + "that is correct at each threshold; the numbers at the slider are said beside it",
    });
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(
        segscore.svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(share), y2: y(share) }),
        segscore.svg("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, `${100 * share}%`),
      );
    }
    for (const edge of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      picture.append(segscore.svg("text", { x: x(edge), y: HEIGHT - 8, "text-anchor": "middle" }, edge.toFixed(1)));
    }
    columns = bins.map((count, i) => {
      const tallness = (count / highest) * tall * 0.82;
      return segscore.svg("rect", {
        class: "column", x: x((i * BIN) / 100) + 1, width: (inner * BIN) / 100 - 2,
        y: y(0) - tallness, height: tallness,
      }, segscore.svg("title", {}, `${segscore.many(count, "image")} with a mean IoU of `
        + `${((i * BIN) / 100).toFixed(2)} to ${(((i + 1) * BIN) / 100).toFixed(2)}`));
    });
    ofCells = segscore.svg("path", { class: "curve cells" });
    now = segscore.svg("line", { class: "now", y1: TOP, y2: y(0) });
    dots = ["cells", "images"].map((kind) => segscore.svg("circle", { class: `dot ${kind}`, r: 5 }));
    words = ["cells", "images"].map((kind) => segscore.svg("text", { class: kind }));
    picture.append(
      ...columns, ofCells, segscore.svg("path", { class: "curve images", d: line(data.images, data.ofImages) }),
      now, ...dots, ...words,
    );
    box.replaceChildren(picture);
    choose();
  }

  function put(id, text) {
    document.getElementById(id).textContent = text;
  }

  function move() {
    const t = Number(slider.value), threshold = (t / 100).toFixed(2);
    const images = data.images[t], right = cells.cells[t];
    put("threshold-value", threshold);
    put("images-share", segscore.number(images));
    put("images-of", `of ${segscore.many(data.ofImages, "image")} ${data.ofImages === 1 ? "is" : "are"} correct (${segscore.percent(images, data.ofImages)})`);
    put("cells-share", segscore.number(right));
    put("cells-of", `of ${segscore.number(cells.of)} ${cells.noun} correct (${segscore.percent(right, cells.of)})`);
    slider.setAttribute("aria-valuetext", `${threshold}: ${images} of ${data.ofImages} images, ${right} of ${cells.of} classes in images`);
    for (const [i, column] of columns.entries()) column.classList.toggle("on", i * BIN >= t);
    const at = x(t / 100), places = [cells.of ? right / cells.of : 0, data.ofImages ? images / data.ofImages : 0];
    now.setAttribute("x1", at);
    now.setAttribute("x2", at);
    [cells.label, "images"].forEach((word, i) => {
      const other = places[1 - i], above = places[i] > other || (places[i] === other && i === 1);
      dots[i].setAttribute("cx", at);
      dots[i].setAttribute("cy", y(places[i]));
      words[i].textContent = word;
      words[i].setAttribute("x", at + (t > 70 ? -10 : 10));
      words[i].setAttribute("text-anchor", t > 70 ? "end" : "start");
      words[i].setAttribute("y", Math.max(TOP + 10, Math.min(y(0) - 4, y(places[i]) + (above ? -8 : 18))));
    });
  }

  function choose() {
    const one = data.classes[Number(choice.value)];
    cells = choice.value === ""
      ? { cells: data.cells, of: data.ofCells, label: "classes in images", noun: "classes in images are" }
      : { cells: one.cells, of: one.of, label: segscore.cut(one.name, 24), noun: `images with ${one.name} have it` };
    ofCells.setAttribute("d", line(cells.cells, cells.of));
    move();
  }

  choice.append(segscore.element("option", { value: "" }, "all of the mean"));
  data.classes.forEach((one, i) => choice.append(segscore.element("option", { value: i }, segscore.cut(one.name, 40))));
  slider.addEventListener("input", move);
  choice.addEventListener("change", choose);
  put("highest-bar", segscore.many(Math.max(...bins), "image"));
  segscore.show("distribution-tools");
  segscore.show("distribution-legend");
  document.getElementById("distribution-class").hidden = data.classes.length === 0;
  draw();
  new ResizeObserver(() => {
    if (Math.max(240, box.clientWidth) !== width) draw();
  }).observe(box);
});
