// The size of a class in each image against its IoU there, and against the size that was predicted.
"use strict";

segscore.panel("sizes", () => {
  const data = segscore.data("sizes");
  if (data === null) return;

  const LEFT = 50, RIGHT = 18, TOP = 10, BOTTOM = 40, HEIGHT = 320, NOTHING = 18;
  const IMAGE = 0, TARGET = 1, PRED = 2, TP = 3, COLUMNS = 4, SHARES = [0, 0.25, 0.5, 0.75, 1];
  const box = document.getElementById("size-charts"), said = document.getElementById("size-sentence");
  const charts = ["chart-iou", "chart-area"].map((id) => document.getElementById(id));
  const ways = [[iouOf, "IoU"], [(i) => of(i, PRED), "pixels called so"]];
  let one = null, places = [];

  function of(i, column) {
    return one.points[COLUMNS * i + column];
  }

  function iouOf(i) {
    return of(i, TP) / (of(i, TARGET) + of(i, PRED) - of(i, TP));
  }

  function name(i) {
    return data.names[of(i, IMAGE)];
  }

  // A logarithmic axis from the power of ten below the least to the one above the most.
  function powers(least, most) {
    const low = Math.floor(Math.log10(least) + 1e-9), high = Math.max(low + 1, Math.ceil(Math.log10(most) - 1e-9));
    const marks = [];
    for (let power = low; power <= high; power += Math.ceil((high - low) / 6)) marks.push(10 ** power);
    return { low, high, marks };
  }

  // A power of ten and how it is written.
  function tick(value) {
    for (const [unit, letter] of [[1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
      if (value >= unit) return [value, `${value / (letter === "k" ? 1e3 : unit)}${letter}`];
    }
    return [value, segscore.number(value)];
  }

  function picture(at, label) {
    return { svg: segscore.chart(charts[at], HEIGHT, label), right: segscore.wide(charts[at]) - RIGHT, bottom: HEIGHT - BOTTOM };
  }

  function grid(svg, right, bottom, x, y, across, upright) {
    for (const [value, text] of across) {
      svg.append(
        segscore.svg("line", { class: "grid", x1: x(value), x2: x(value), y1: TOP, y2: bottom }),
        segscore.svg("text", { x: x(value), y: bottom + 16, "text-anchor": "middle" }, text));
    }
    for (const [value, text] of upright) {
      svg.append(
        segscore.svg("line", { class: "grid", x1: LEFT, x2: right, y1: y(value), y2: y(value) }),
        segscore.svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, text));
    }
    svg.append(segscore.svg("text", { class: "axis", x: right, y: bottom + 34, "text-anchor": "end" }, "pixels in the target →"));
  }

  function points(svg, x, y, value) {
    const count = one.points.length / COLUMNS;
    const parts = Array.from({ length: count }, (_, i) => `M${x(of(i, TARGET)).toFixed(1)} ${y(value(i)).toFixed(1)}h0`);
    svg.append(segscore.svg("path", { class: "points seen", d: parts.join("") }));
  }

  function draw(others) {
    const count = one.points.length / COLUMNS, [least, most] = segscore.range(Array.from({ length: count }, (_, i) => of(i, TARGET)));
    const called = Array.from({ length: count }, (_, i) => of(i, PRED)).filter((pixels) => pixels > 0);
    const sizes = powers(least, most), areas = powers(...(called.length ? segscore.range(called) : [least, most]));
    const across = sizes.marks.map(tick);
    const made = ways.map(([value, title], at) => {
      const label = `${one.name}: pixels in the target and ${title} of ${segscore.many(count, "image")}; the table holds what they come to`;
      const { svg, right, bottom } = picture(at, label);
      const x = (size) => LEFT + ((right - LEFT) * (Math.log10(size) - sizes.low)) / (sizes.high - sizes.low);
      const y = at === 0 ? (iou) => bottom - (bottom - TOP) * iou : area(areas, bottom);
      grid(svg, right, bottom, x, y, across, at === 0 ? SHARES.map((iou) => [iou, iou.toFixed(2)]) : [[0, "0"], ...areas.marks.map(tick)]);
      if (at === 1) {
        const [low, high] = [10 ** Math.max(sizes.low, areas.low), 10 ** Math.min(sizes.high, areas.high)];
        if (low < high) svg.append(segscore.svg("line", { class: "even", x1: x(low), y1: y(low), x2: x(high), y2: y(high) }));
      }
      points(svg, x, y, value);
      for (const [low, high, median] of at === 0 ? one.thirds : []) {
        svg.append(segscore.svg("line", { class: "median", x1: x(low) - 3, x2: x(high) + 3, y1: y(median), y2: y(median) }));
      }
      places[at] = (i) => [x(of(i, TARGET)), y(value(i))];
      return svg;
    });
    looked.show(made, others);
  }

  // Below the axis of areas that are predicted is a line for none at all.
  function area(areas, bottom) {
    const floor = bottom - NOTHING;
    return (pixels) => pixels === 0 ? bottom : floor - ((floor - TOP) * (Math.log10(pixels) - areas.low)) / (areas.high - areas.low);
  }

  const looked = segscore.points(box, said, charts, {
    count: () => one.points.length / COLUMNS,
    place: (at, i) => places[at](i),
    go: (i) => segscore.behind.go(`image=${data.images[of(i, IMAGE)]}`, name(i)),
    say(i) {
      return `${name(i)}: ${segscore.many(of(i, TARGET), "pixel")} of ${one.name} in the target, `
        + `${segscore.number(of(i, PRED))} called so, IoU ${segscore.fixed(iouOf(i), 4)}`;
    },
  });

  segscore.show("size-charts", "size-sentence", "size-told");
  segscore.chosen.follow((index) => {
    const next = data.classes.find((other) => other.index === (index === null ? data.first : index)) || data.classes.find((other) => other.index === data.first);
    if (next === one) return;
    one = next;
    document.getElementById("size-told").textContent = one.told;
    said.textContent = "Point at an image, or move with the arrow keys; a click or Enter shows it.";
    draw(true);
  });
  segscore.resized(box, charts, () => draw(false));
});
