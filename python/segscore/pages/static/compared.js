// How images changed: by rank, and one model against the other. Both charts mark the image that is looked at.
"use strict";

segscore.panel("images", () => {
  const data = segscore.data("images");
  if (data === null) return;

  const LEFT = 46, RIGHT = 14, TOP = 10, BOTTOM = 26, HEIGHT = 320;
  const box = document.getElementById("image-charts"), said = document.getElementById("image-sentence");
  const boxes = ["chart-rank", "chart-both"].map((id) => document.getElementById(id));
  const count = data.names.length, [first, second] = data.labels.map((label) => segscore.cut(label, 24));
  const way = (i) => (data.change[i] > 0 ? "better" : data.change[i] < 0 ? "worse" : "same");
  const places = [];

  const signed = (value, digits) => {
    const text = Math.abs(value).toFixed(digits);
    return (value < 0 && Number(text) > 0 ? "-" : "+") + text;
  };

  function picture(at, label) {
    return [segscore.wide(boxes[at]), segscore.chart(boxes[at], HEIGHT, label)];
  }

  // The ends of an axis that has a few round steps.
  function steps(low, high, wanted) {
    const rough = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
    const found = [];
    for (let i = Math.floor(low / step + 1e-9); i * step < high + step * (1 - 1e-9); i += 1) found.push(i * step);
    return [found, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))];
  }

  function ranks() {
    const [width, svg] = picture(0, `Change of ${segscore.many(count, "image")} from the largest gain to the largest loss`);
    const [marks, digits] = steps(Math.min(0, data.change[count - 1]), Math.max(1e-6, data.change[0]), 5);
    const low = marks[0], high = marks[marks.length - 1];
    const x = (i) => LEFT + ((width - LEFT - RIGHT) * i) / count;
    const y = (value) => TOP + ((HEIGHT - TOP - BOTTOM) * (high - value)) / (high - low);
    for (const mark of marks) {
      svg.append(
        segscore.svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(mark), y2: y(mark) }),
        segscore.svg("text", { x: LEFT - 6, y: y(mark) + 4, "text-anchor": "end" }, Math.abs(mark) < 1e-9 ? "0" : signed(mark, digits)));
    }
    const paths = { better: [], worse: [] }, gap = (x(1) - x(0) > 3 ? 1 : 0);
    data.change.forEach((change, i) => {
      if (change !== 0) paths[way(i)].push(`M${x(i).toFixed(2)} ${y(0).toFixed(1)}V${y(change).toFixed(1)}H${(x(i + 1) - gap).toFixed(2)}V${y(0).toFixed(1)}Z`);
    });
    for (const [kind, parts] of Object.entries(paths)) svg.append(segscore.svg("path", { class: kind, d: parts.join("") }));
    svg.append(
      segscore.svg("text", { x: LEFT, y: HEIGHT - 8 }, "gained most"),
      segscore.svg("text", { x: width - RIGHT, y: HEIGHT - 8, "text-anchor": "end" }, data.change[count - 1] < 0 ? "lost most" : "gained least"));
    places[0] = (i) => [(x(i) + x(i + 1)) / 2, y(data.change[i])];
    return svg;
  }

  function both() {
    const [width, svg] = picture(1, `${data.measure} of ${segscore.many(count, "image")}: ${first} to the right, ${second} upwards`);
    // Both axes have the same range, so that equal scores lie on the diagonal of the picture.
    const [least, most] = segscore.range(data.b, ...segscore.range(data.a));
    const [marks, digits] = steps(least, Math.max(most, least + 0.1), 5);
    const low = marks[0], range = marks[marks.length - 1] - low;
    const x = (value) => LEFT + ((width - LEFT - RIGHT) * (value - low)) / range;
    const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / range);
    const right = width - RIGHT, bottom = HEIGHT - BOTTOM;
    for (const mark of marks) {
      svg.append(
        segscore.svg("line", { class: "grid", x1: LEFT, x2: right, y1: y(mark), y2: y(mark) }),
        segscore.svg("line", { class: "grid", x1: x(mark), x2: x(mark), y1: TOP, y2: bottom }),
        segscore.svg("text", { x: LEFT - 6, y: y(mark) + 4, "text-anchor": "end" }, mark.toFixed(digits)),
        segscore.svg("text", { x: x(mark), y: bottom + 16, "text-anchor": "middle" }, mark.toFixed(digits)));
    }
    svg.append(segscore.svg("line", { class: "even", x1: LEFT, x2: right, y1: bottom, y2: TOP }));
    const paths = { same: [], worse: [], better: [] };
    data.a.forEach((a, i) => paths[way(i)].push(`M${x(a).toFixed(1)} ${y(data.b[i]).toFixed(1)}h0`));
    for (const [kind, parts] of Object.entries(paths)) svg.append(segscore.svg("path", { class: `points ${kind}`, d: parts.join("") }));
    svg.append(
      segscore.svg("text", { class: "better", x: LEFT + 8, y: TOP + 18 }, `↑ ${second}: better above the line`),
      segscore.svg("text", { class: "worse", x: right - 8, y: bottom - 10, "text-anchor": "end" }, `→ ${first}: better below it`));
    places[1] = (i) => [x(data.a[i]), y(data.b[i])];
    return svg;
  }

  const looked = segscore.points(box, said, boxes, {
    count: () => count,
    place: (at, i) => places[at](i),
    along: (at) => at === 0,
    say(i) {
      return `${data.names[i]}: ${data.score} ${data.a[i].toFixed(3)} under ${first}, ${data.b[i].toFixed(3)} under ${second} `
        + `(${signed(data.change[i], 3)}), ${segscore.number(i + 1)} of ${segscore.number(count)}`;
    },
  });

  function draw() {
    looked.show([ranks(), both()]);
  }

  segscore.show("image-charts", "image-sentence");
  draw();
  segscore.resized(box, boxes, draw);
});
