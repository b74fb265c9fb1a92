// What the scripts of panels share: the data of a page, elements, and numbers as the texts write them.
"use strict";

const segscore = {
  // Starts what a panel needs. Where that fails, the panel says so, and all others start as well.
  panel(id, start) {
    try {
      start();
    } catch (error) {
      console.error(error);
      const text = `Something of this part does not work: ${error.message}. What stands here as text is right.`;
      document.getElementById(id).append(segscore.element("p", { class: "notice warning", role: "alert" }, text));
    }
  },

  // The data that the page holds for a panel; null where it has none.
  data(id) {
    const block = document.getElementById("data-" + id);
    return block === null ? null : JSON.parse(block.textContent);
  },

  // An element with attributes; texts are added as texts, never as markup.
  element(name, attributes, ...children) {
    const made = document.createElement(name);
    return segscore.fill(made, attributes, children);
  },

  svg(name, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    return segscore.fill(made, attributes, children);
  },

  fill(made, attributes, children) {
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  },

  // How wide a chart is: as its box, unless nobody could read it then.
  wide(box) {
    return Math.max(240, box.clientWidth);
  },

  // A chart as wide as its box; the label is for those who do not see it.
  chart(box, height, label) {
    const width = segscore.wide(box);
    return segscore.svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  },

  // Draws charts again once they have got another width, in boxes within one that is as wide as they are together.
  resized(around, boxes, draw) {
    let widths = boxes.map(segscore.wide);
    new ResizeObserver(() => {
      const now = boxes.map(segscore.wide);
      if (now.every((width, at) => width === widths[at])) return;
      widths = now;
      draw();
    }).observe(around);
  },

  show(...ids) {
    for (const id of ids) document.getElementById(id).hidden = false;
  },

  // A number with so many decimals as Python writes it: what lies between two takes the even one.
  fixed(value, digits) {
    const text = value.toFixed(digits);
    if (Math.abs(value * 2 ** (digits + 1)) % 2 !== 1) return text;
    const below = Math.floor(value * 10 ** digits);
    return ((below + Math.abs(below % 2)) / 10 ** digits).toFixed(digits);
  },

  number(value) {
    return value.toLocaleString("en-US");
  },

  many(count, noun) {
    return segscore.number(count) + " " + noun + (count === 1 ? "" : "s");
  },

  // The smallest and the largest of any number of values, and of two that it begins with.
  range(values, low = Infinity, high = -Infinity) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high];
  },

  // A share in percent that never reads as nothing or all unless it is.
  percent(part, whole, digits = 2) {
    if (whole === 0) return "—";
    const text = ((100 * part) / whole).toFixed(digits), least = (10 ** -digits).toFixed(digits);
    if (part > 0 && Number(text) === 0) return "<" + least + "%";
    if (part < whole && Number(text) === 100) return ">" + (100 - 10 ** -digits).toFixed(digits) + "%";
    return text + "%";
  },

  // Columns that a text takes up: most East Asian letters and emoji take two.
  columns(text) {
    let columns = 0;
    for (const letter of text) columns += /[\u1100-\u115f\u2e80-\ud7ff\uf900-\ufaff\uff00-\uff60\u{1f000}-\u{3ffff}]/u.test(letter) ? 2 : 1;
    return columns;
  },

  // A name that fits into some columns, its middle left out.
  cut(text, columns) {
    if (segscore.columns(text) <= columns) return text;
    const letters = Array.from(text), tail = Math.floor((columns - 1) / 2);
    const fitting = (ordered, room) => {
      let used = 0;
      const end = ordered.findIndex((letter) => (used += segscore.columns(letter)) > room);
      return end < 0 ? ordered.length : end;
    };
    const last = letters.length - fitting(letters.slice().reverse(), tail);
    return letters.slice(0, fitting(letters, columns - 1 - tail)).join("") + "…" + letters.slice(last).join("");
  },
};
