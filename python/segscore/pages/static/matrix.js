// The confusion matrix as a heat map: one path a shade, so that 171 classes are drawn at once.
"use strict";

segscore.panel("confusion", () => {
  const data = segscore.data("confusion");
  const box = document.getElementById("matrix");
  if (data === null || box === null) return;

  // How opaque each shade is; those from FULL on need the other colour of text to be read.
  const OPACITY = [0, 0.08, 0.15, 0.22, 0.29, 0.36, 0.44, 0.52, 0.6, 0.88, 1], SHADES = 10, FULL = 9;
  const LETTER = 7.1, LABELLED = 14, NUMBERED = 30, LARGEST = 60;
  const FEWEST = 4, MOST_UNFOLDED = 40;
  const count = data.names.length, none = count + (data.others > 0 ? 1 : 0);
  const said = document.getElementById("matrix-sentence");
  let mode = "row", order = "given", folded = true, chosen = -1, at = null;
  let size = 0, left = 0, top = 0, mark = null, labelled = true, labels = [[], []];
  // What is drawn: classes in their order, then all others as one, if there are any, and no class.
  let names = [], columnNames = [], titles = [], rows = 0, columns = 0, others = -1, right = 0, most = 1;
  let pixels = new Map(), target = [], pred = [], indices = [];

  // As many columns with names as there is room for.
  function fits() {
    const letters = lettersOf([...data.names, data.none]);
    return Math.floor((box.clientWidth - letters * LETTER * 1.66 - 20) / LABELLED);
  }

  function arrange() {
    const room = fits(), folds = data.others > 0 || none + 1 > room;
    const some = Math.min(count, Math.max(FEWEST, Math.min(MOST_UNFOLDED, room - 2)));
    const shown = folds && folded && some < count ? new Set(data.most.slice(0, some)) : new Set(data.most);
    if (chosen >= 0) shown.add(chosen);
    const classes = (order === "given" ? data.most.slice().sort((a, b) => a - b) : data.similar).filter((i) => shown.has(i));
    const leftOut = count - classes.length + data.others;
    document.getElementById("matrix-fold").hidden = !folds || some >= count;
    document.getElementById("matrix-some").textContent = `the ${some} that are confused most, and the others as one`;
    document.getElementById("matrix-all").textContent = data.others > 0 ? `${count}, and the others as one` : `all ${count}`;
    names = classes.map((i) => data.names[i]);
    indices = classes.map((i) => data.index[i]);
    others = leftOut > 0 ? names.push(`${segscore.number(leftOut)} other ${leftOut === 1 ? "class" : "classes"}`) - 1 : -1;
    columnNames = [...names, data.none];
    titles = columnNames.map((name, i) => (i === others && leftOut > 1 ? `${segscore.number(leftOut)} others` : name));
    rows = names.length;
    columns = rows + 1;
    const place = Array(none + 1).fill(others);
    classes.forEach((i, row) => { place[i] = row; });
    place[none] = rows;
    [target, pred, right, pixels] = [Array(rows).fill(0), Array(columns).fill(0), data.right, new Map()];
    data.target.forEach((held, i) => { target[place[i]] += held; });
    data.pred.forEach((held, i) => { pred[place[i]] += held; });
    for (let i = 0; i < data.cells.length; i += 3) {
      const [row, column] = [place[data.cells[i]], place[data.cells[i + 1]]];
      const key = row * columns + column;
      pixels.set(key, (pixels.get(key) || 0) + data.cells[i + 2]);
      if (row === others && data.cells[i] === data.cells[i + 1] && data.cells[i] < count) right += data.cells[i + 2];
    }
    // Cells are drawn row by row.
    pixels = new Map(Array.from(pixels).sort((a, b) => a[0] - b[0]));
    most = segscore.range(pixels.values(), 1, 1)[1];
    at = chosen >= 0 ? [place[chosen], place[chosen]] : null;
  }

  function whole(row, column) {
    return mode === "row" ? target[row] : pred[column];
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
    const called = column === others ? `one of ${names[others]}` : columnNames[column];
    const whose = row === others ? `the pixels of ${names[row]}` : `${names[row]} pixels`;
    const ending = row !== column ? "" : row === others ? `, of which ${segscore.number(right)} are right` : ", which is right";
    const exact = `${segscore.number(count)} of ${segscore.number(whole(row, column))}`;
    if (mode === "count") return `${segscore.many(count, "pixel")} of ${names[row]} ${count === 1 ? "was" : "were"} called ${called}${ending}.`;
    if (mode === "row") {
      return `${segscore.percent(count, whole(row, column))} of ${whose} were called ${called}${ending} (${exact}).`
        .replace("— of", "No share of");
    }
    if (whole(row, column) === 0) return `No pixel was called ${called}.`;
    return `${segscore.percent(count, whole(row, column))} of the pixels called ${called} are ${row === others ? "one of " : ""}${names[row]}${ending} (${exact}).`;
  }

  // Shows the images of a cell; those of several classes at once are in no list.
  function images(row, column) {
    if (row === others || column === others || !pixels.has(row * columns + column)) return;
    const query = `target=${indices[row]}&pred=${column === rows ? "none" : indices[column]}`;
    segscore.behind.go(query, `Images with ${names[row]} ${row === column ? "found" : `called ${columnNames[column]}`}`);
  }

  function lettersOf(all) {
    return Math.min(box.clientWidth < 600 ? 11 : 18, Math.max(...all.map(segscore.columns), 6));
  }

  function draw() {
    const room = box.clientWidth;
    const letters = lettersOf(titles);
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
      const held = row === column && row === others ? right : count;
      if (held === 0) continue;
      const dark = shade(weight(row, column, held));
      const x = left + column * size, y = top + row * size, side = size - inset;
      add(row === column ? "right" : "wrong", dark, row, column);
      if (size >= NUMBERED) {
        const text = mode === "count" ? short(held) : shareText(held, whole(row, column));
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
    titles.slice(0, rows).forEach((name, row) => {
      labels[0].push(label(name, left - 6, top + (row + 0.5) * size + 4, "end", "", letters));
    });
    titles.forEach((name, column) => {
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
    picture.addEventListener("click", (event) => {
      point(event);
      if (at !== null) images(...at);
    });
    if (at) go(...at);
  }

  function fitting(room) {
    return Math.max(4, Math.min(LARGEST, Math.floor(room / columns)));
  }

  // How far slanted labels of columns reach beyond the last column.
  function overhang(letters) {
    const reach = titles.map((name, column) =>
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
    if (event.key === "Enter" && at !== null) images(row, column);
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
  for (const radio of document.querySelectorAll('input[name="matrix-order"], input[name="matrix-fold"]')) {
    radio.addEventListener("change", () => {
      if (radio.name === "matrix-order") order = radio.value;
      else folded = radio.value === "some";
      again();
    });
  }

  function again() {
    arrange();
    legend();
    draw();
    if (at === null) said.textContent = "Point at a cell, or move with the arrow keys.";
  }

  segscore.show("matrix-tools", "matrix-scale");
  document.getElementById("matrix-order").hidden = count < 3;
  let width = box.clientWidth;
  segscore.chosen.follow((index) => {
    chosen = index === null ? -1 : data.index.indexOf(index);
    again();
  });
  new ResizeObserver(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    const was = names.join("\n"), looked = at;
    arrange();
    if (names.join("\n") === was) at = looked;
    draw();
  }).observe(box);
});
