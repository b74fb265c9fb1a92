// What the scripts of panels share: the data of a page, elements, and numbers as the texts write them.
"use strict";

const segscore = {
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

  show(...ids) {
    for (const id of ids) document.getElementById(id).hidden = false;
  },

  number(value) {
    return value.toLocaleString("en-US");
  },

  many(count, noun) {
    return segscore.number(count) + " " + noun + (count === 1 ? "" : "s");
  },

  // A share in percent that never reads as nothing or all unless it is.
  percent(part, whole, digits = 2) {
    if (whole === 0) return "—";
    const text = ((100 * part) / whole).toFixed(digits), least = (10 ** -digits).toFixed(digits);
    if (part > 0 && Number(text) === 0) return "<" + least + "%";
    if (part < whole && Number(text) === 100) return ">" + (100 - 10 ** -digits).toFixed(digits) + "%";
    return text + "%";
  },

  // A name that fits into some letters, its middle left out.
  cut(text, letters) {
    const all = Array.from(text);
    if (all.length <= letters) return text;
    const tail = Math.floor((letters - 1) / 2);
    return all.slice(0, letters - 1 - tail).join("") + "…" + all.slice(all.length - tail).join("");
  },
};
