// The confusion matrix as a heat map: one path a shade, so that 171 classes are drawn at once.
"use strict";

segscore.panel("confusion", () => {
  const data = segscore.data("confusion");
  const box = document.getElementById("matrix");
  if (data === null || box === null) return;

  // How opaque each shade is; those from FULL on need the other colour of text to be read.
  const OPACITY = [0, 0.08, 0.15, 0.22, 0.29, 0.36, 0.44, 0.52, 0.6, 0.88, 1], SHADES = 10, FULL = 9;
  const LETTER = 7.1, LABELLED = 14, NUMBERED = 30, LARGEST = 60;
  const names = data.names, rows = names.length;
  const columnNames = [...names, data.none], columns = rows + 1;
  const pixels = new Map();
  for (let i = 0; i < data.cells.length; i += 3) {
    pixels.set(data.cells[i] * columns + data.cells[i + 1], data.cells[i + 2]);
  }
  const [, most] = segscore.range(pixels.values(), 1, 1);
  const said = document.getElementById("matrix-sentence");
  let mode = "row", at = null, size = 0, left = 0, top = 0, mark = null, labelled = true, labels = [[], []];

  function whole(row, column) {
    return mode === "row" ? data.target[row] : data.pred[column];
  }

  // How dark a cell is, 0 to 1. Small shares are spread out, because errors are among them.
  function weight(row, column, count) {
    if (mode === "count") return Math.log1p(count) / Math.log1p(most);
    return Math.sqrt(count / whole(row, column));
  }

  function shade(value) {
    return Math.max(1, Math.min(SHADES, Math.ceil(value * SHADES)));
  }

  function short(count) {
    for (const [unit, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
      if (count >= unit) return (count / unit).toFixed(count < 10 * unit ? 1 : 0) + name;
    }
    return String(count);
  }

  function sentence(row, column) {
    const count = pixels.get(row * columns + column) || 0;
    const target = names[row], pred = columnNames[column];
    const right = row === column ? ", which is right" : "";
    const exact = `${segscore.number(count)} of ${segscore.number(whole(row, column))}`;
    if (mode === "count") return `${segscore.many(count, "pixel")} of ${target} ${count === 1 ? "was" : "were"} called ${pred}${right}.`;
    if (mode === "row") {
      return `${segscore.percent(count, whole(row, column))} of ${target} pixels were called ${pred}${right} (${exact}).`
        .replace("— of", "No share of");
    }
    if (whole(row, column) === 0) return `No pixel was called ${pred}.`;
    return `${segscore.percent(count, whole(row, column))} of the pixels called ${pred} are ${target}${right} (${exact}).`;
  }

  function draw() {
    const room = box.clientWidth;
    const letters = Math.min(room < 600 ? 11 : 18, Math.max(...columnNames.map(segscore.columns), 6));
    const gutter = letters * LETTER + 10;
    size = fitting(room - gutter - 2);
    size = fitting(room - gutter - 2 - overhang(letters));
    labelled = size >= LABELLED;
    if (!labelled) size = fitting(room - 3); // Names take more room than they are worth: the sentence has them.
    left = labelled ? gutter : 1;
    top = labelled ? gutter * 0.75 + 22 : 20;
    const width = left + size * columns + 2 + (labelled ? overhang(letters) : 0), height = top + size * rows + 2;
    const picture = segscore.svg("svg", {
      width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false",
    });
    const paths = { right: Array(SHADES + 1).fill(""), wrong: Array(SHADES + 1).fill("") };
    const texts = [], inset = size > 12 ? 1 : 0;
    let run = null;
    // Cells come row by row; where no gap divides them, neighbours of one shade are one piece.
    function add(kind, dark, row, column) {
      if (run && !inset && run.kind === kind && run.dark === dark && run.row === row && run.end === column) {
        run.end += 1;
        return;
      }
      finish();
      run = { kind, dark, row, start: column, end: column + 1 };
    }
    function finish() {
      if (!run) return;
      const wide = (run.end - run.start) * size - inset, high = size - inset;
      paths[run.kind][run.dark] += `M${left + run.start * size} ${top + run.row * size}h${wide}v${high}h${-wide}z`;
    }
    for (const [key, count] of pixels) {
      const row = Math.floor(key / columns), column = key % columns;
      const dark = shade(weight(row, column, count));
      const x = left + column * size, y = top + row * size, side = size - inset;
      add(row === column ? "right" : "wrong", dark, row, column);
      if (size >= NUMBERED) {
        const text = mode === "count" ? short(count) : shareText(count, whole(row, column));
        if (text) {
          texts.push(segscore.svg("text", {
            class: "cell" + (dark >= FULL ? " full" : ""), x: x + side / 2, y: y + side / 2 + 4,
          }, text));
        }
      }
    }
    finish();
    picture.append(segscore.svg("rect", {
      class: "frame", x: left - 0.5, y: top - 0.5, width: size * columns + 1, height: size * rows + 1,
    }));
    for (const [kind, all] of Object.entries(paths)) {
      all.forEach((path, dark) => {
        if (path) picture.append(segscore.svg("path", { class: kind, d: path, "fill-opacity": OPACITY[dark] }));
      });
    }
    picture.append(...texts);
    labels = [[], []];
    names.forEach((name, row) => {
      labels[0].push(label(name, left - 6, top + (row + 0.5) * size + 4, "end", "", letters));
    });
    columnNames.forEach((name, column) => {
      const x = left + (column + 0.5) * size + 3, y = top - 6;
      labels[1].push(label(name, x, y, "start", `rotate(-50 ${x} ${y})`, letters));
    });
    if (labelled) picture.append(...labels.flat());
    picture.append(
      segscore.svg("text", { class: "axis", x: left, y: 12 }, labelled ? "called →" : "target ↓, called →"),
      segscore.svg("text", { class: "axis", x: left - 6, y: top - 8, "text-anchor": "end" }, labelled ? "target ↓" : ""),
    );
    mark = segscore.svg("rect", { class: "mark", width: size, height: size, visibility: "hidden" });
    picture.append(mark);
    box.replaceChildren(picture);
    const point = (event) => {
      const frame = picture.getBoundingClientRect();
      const column = Math.floor((event.clientX - frame.left - left) / size);
      const row = Math.floor((event.clientY - frame.top - top) / size);
      if (row >= 0 && row < rows && column >= 0 && column < columns) go(row, column);
    };
    picture.addEventListener("pointermove", point);
    picture.addEventListener("pointerdown", point);
    if (at) go(...at);
  }

  function fitting(room) {
    return Math.max(4, Math.min(LARGEST, Math.floor(room / columns)));
  }

  // How far slanted labels of columns reach beyond the last column.
  function overhang(letters) {
    const reach = columnNames.map((name, column) =>
      Math.min(letters, segscore.columns(name)) * LETTER * 0.66 + 8 - (columns - column - 0.5) * size);
    return Math.max(0, ...reach);
  }

  function shareText(count, all) {
    const share = (100 * count) / all;
    return share < 0.5 ? "" : share.toFixed(0);
  }

  function label(name, x, y, anchor, transform, letters) {
    const made = segscore.svg("text", { x, y, "text-anchor": anchor }, segscore.cut(name, letters));
    if (transform) made.setAttribute("transform", transform);
    return made;
  }

  function go(row, column) {
    if (at) for (const one of [labels[0][at[0]], labels[1][at[1]]]) one.classList.remove("now");
    at = [row, column];
    for (const one of [labels[0][row], labels[1][column]]) one.classList.add("now");
    mark.setAttribute("x", left + column * size - 0.5);
    mark.setAttribute("y", top + row * size - 0.5);
    mark.setAttribute("visibility", "visible");
    const text = sentence(row, column);
    if (said.textContent !== text) said.textContent = text;
  }

  function legend() {
    for (const kind of ["right", "wrong"]) {
      const ramp = document.getElementById("scale-" + kind), parts = [];
      for (let dark = 1; dark <= SHADES; dark += 1) {
        parts.push(segscore.svg("rect", {
          class: kind, x: `${(dark - 1) * 10}%`, width: "10%", height: "100%", "fill-opacity": OPACITY[dark],
        }));
      }
      ramp.replaceChildren(...parts);
    }
    document.getElementById("scale-text").textContent = mode === "count"
      ? `1 to ${segscore.number(most)} pixels, logarithmic`
      : `0 to 100 % of the ${mode === "row" ? "target (row)" : "prediction (column)"}; `
        + "the shade follows the square root of the share, so that small shares show";
  }

  box.addEventListener("focus", () => {
    if (at === null) go(0, 0);
  });
  box.addEventListener("keydown", (event) => {
    const [row, column] = at || [0, 0];
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1], Home: [row, 0], End: [row, columns - 1],
      PageUp: [0, column], PageDown: [rows - 1, column],
    };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [r, c] = moves[event.key];
    go(Math.max(0, Math.min(rows - 1, r)), Math.max(0, Math.min(columns - 1, c)));
    mark.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  for (const radio of document.querySelectorAll('input[name="matrix-mode"]')) {
    radio.addEventListener("change", () => {
      mode = radio.value;
      legend();
      draw();
    });
  }
  said.textContent = "Point at a cell, or move with the arrow keys.";
  segscore.show("matrix-tools");
  segscore.show("matrix-scale");
  legend();
  draw();
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth !== width) {
      width = box.clientWidth;
      draw();
    }
  }).observe(box);
});
