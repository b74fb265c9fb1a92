// The threshold: a histogram of images, the curves of what is right, and the numbers at the slider.
"use strict";

segscore.panel("images", () => {
  const data = segscore.data("images");
  if (data === null) return;

  const HEIGHT = 280, LEFT = 40, RIGHT = 8, TOP = 14, BOTTOM = 26, BIN = 5;
  const slider = document.getElementById("threshold"), table = document.getElementById("bars");
  const box = document.getElementById("distribution-chart");
  const tall = HEIGHT - TOP - BOTTOM;
  const y = (share) => TOP + (1 - share) * tall;
  let x = null, cells = null, columns = [], ofCells = null, now = null, dots = [], words = [];

  // What reaches one edge and not the next lies between them; what is exactly 1 belongs to the last bin.
  function binned(reached) {
    const found = [];
    for (let edge = 0; edge < 100; edge += BIN) found.push(reached[edge] - (edge + BIN < 100 ? reached[edge + BIN] : 0));
    return found;
  }

  function line(counts, of) {
    return counts.map((count, t) => `${t ? "L" : "M"}${x(t / 100).toFixed(1)} ${y(of ? count / of : 0).toFixed(1)}`).join("");
  }

  function draw() {
    const width = segscore.wide(box);
    const inner = width - LEFT - RIGHT;
    x = (share) => LEFT + share * inner;
    const picture = segscore.chart(box, HEIGHT, "Histogram of the mean IoU of images, and the share of images and of "
      + "classes in images that is correct at each threshold; the numbers at the slider are said beside it");
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(
        segscore.svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(share), y2: y(share) }),
        segscore.svg("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, `${100 * share}%`),
      );
    }
    for (const edge of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      picture.append(segscore.svg("text", { x: x(edge), y: HEIGHT - 8, "text-anchor": "middle" }, edge.toFixed(1)));
    }
    columns = Array.from({ length: 100 / BIN }, (_, i) => segscore.svg("rect", {
      class: "column", x: x((i * BIN) / 100) + 1, width: (inner * BIN) / 100 - 2,
    }));
    columns.forEach((column, i) => column.addEventListener("click", () => segscore.behind.go(...asked(i))));
    ofCells = segscore.svg("path", { class: "curve cells" });
    now = segscore.svg("line", { class: "now", y1: TOP, y2: y(0) });
    dots = ["cells", "images"].map((kind) => segscore.svg("circle", { class: `dot ${kind}`, r: 5 }));
    words = ["cells", "images"].map((kind) => segscore.svg("text", { class: kind }));
    picture.append(
      ...columns, ofCells, segscore.svg("path", { class: "curve images", d: line(data.images, data.ofImages) }),
      now, ...dots, ...words,
    );
    box.replaceChildren(picture);
    bars();
    move();
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

  function range(i) {
    return `${((i * BIN) / 100).toFixed(2)} to ${(((i + 1) * BIN) / 100).toFixed(2)}`;
  }

  // What asks for the images of a bar, and what they are.
  function asked(i) {
    const from = `from=${(i * BIN) / 100}`, below = (i + 1) * BIN < 100 ? `&below=${((i + 1) * BIN) / 100}` : "";
    return [`${cells.query}${cells.query && "&"}${from}${below}`, `Images with ${cells.score} of ${range(i)}`];
  }

  // The table of the bars has rows while it is open.
  function rows() {
    const made = table.open ? binned(cells.reached) : [];
    document.getElementById("bar-rows").replaceChildren(...made.map((count, i) => segscore.element("tr", {},
      segscore.element("th", { scope: "row" }, range(i)),
      segscore.element("td", { class: "number" }, leading(count, i)))));
  }

  function leading(count, i) {
    const [query, title] = asked(i), text = segscore.number(count);
    if (count === 0 || !segscore.behind.leads(query)) return text;
    const button = segscore.element("button", { type: "button", class: "link", title }, text);
    button.addEventListener("click", () => segscore.behind.go(query, title));
    return button;
  }

  // The bars of the class that is chosen, or of the mean.
  function bars() {
    const bins = binned(cells.reached), highest = Math.max(1, ...bins);
    ofCells.setAttribute("d", line(cells.cells, cells.of));
    bins.forEach((count, i) => {
      const tallness = (count / highest) * tall * 0.82;
      columns[i].setAttribute("y", y(0) - tallness);
      columns[i].setAttribute("height", tallness);
      columns[i].classList.toggle("leads", count > 0 && segscore.behind.leads(asked(i)[0]));
      columns[i].replaceChildren(segscore.svg("title", {}, `${segscore.many(count, "image")} with ${cells.score} of ${range(i)}`));
    });
    rows();
    put("bars-of", cells.bars);
    put("highest-bar", segscore.many(Math.max(...bins), "image"));
  }

  function choose(index) {
    const one = data.classes.find((other) => other.index === index);
    cells = one === undefined
      ? {
        cells: data.cells, of: data.ofCells, label: "classes in images", noun: "classes in images are",
        query: "", reached: data.images, score: "a mean IoU", bars: "images by their mean IoU",
      }
      : {
        cells: one.cells, of: one.of, label: segscore.cut(one.name, 24), noun: `images with ${one.name} have it`,
        query: one.query, reached: one.cells, score: `an IoU of ${one.name}`, bars: `images with ${one.name} by its IoU`,
      };
    if (ofCells === null) return;
    bars();
    move();
  }

  slider.addEventListener("input", move);
  table.addEventListener("toggle", rows);
  segscore.show("distribution-tools", "distribution-legend", "bars");
  segscore.chosen.follow(choose);
  draw();
  segscore.resized(box, [box], draw);
});
