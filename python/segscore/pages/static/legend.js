// The legend beside an enlarged image: which classes it has and how they score, which are on, and what a chosen one
// is confused with. Counts are of the whole image, however small its pictures are.
"use strict";

// `data` is that of the panel, and `changed` is called when the look is another one; see `segscore.layers`.
segscore.legend = (data, changed) => {
  const MOST = 6, none = data.classes.length - 2, ignored = none + 1;
  const { element, svg, number } = segscore;
  const [list, kinds, split, columns, heading] = ["classes", "kinds", "split", "columns", "wrong"].map((id) => document.getElementById("viewer-" + id));
  const which = document.querySelector('#viewer [data-act="which"]');
  const look = { on: new Uint8Array(none + 2).fill(1), none, ignored, chosen: -1, pair: null, which: false };
  const { sides } = data;
  let counts = [], listed = [], rows = new Map(), unit = "pixel";

  function chip(attributes) {
    return svg("svg", { class: "chip", "aria-hidden": "true", focusable: "false" },
      svg("rect", { width: "100%", height: "100%", rx: 3, ...attributes }));
  }

  function named(place) {
    return element("span", { class: "name", title: data.classes[place][0] }, data.classes[place][0]);
  }

  // Pixels of targets, of predictions, and of both, for each class.
  function counted(pairs) {
    const found = { target: new Map(), pred: new Map(), both: new Map(), pairs: [] };
    const add = (sums, place, pixels) => sums.set(place, (sums.get(place) || 0) + pixels);
    for (let i = 0; i < pairs.length; i += 3) {
      const [target, pred, pixels] = pairs.slice(i, i + 3);
      add(found.target, target, pixels);
      if (target === ignored) continue;
      add(found.pred, pred, pixels);
      if (target === pred) add(found.both, target, pixels);
      else found.pairs.push([target, pred, pixels]);
    }
    return found;
  }

  // The IoU of a class under each prediction; of two, as their page has it, with three decimals.
  function iou(place) {
    const found = counts.map((side) => {
      const both = side.both.get(place) || 0, all = (side.target.get(place) || 0) + (side.pred.get(place) || 0) - both;
      return all === 0 ? "—" : (both / all).toFixed(sides.length > 1 ? 3 : 4);
    });
    return counts.length > 0 && place >= none ? "—" : found.join(" → ");
  }

  function row(place) {
    const name = data.classes[place][0];
    const box = element("input", { type: "checkbox", "aria-label": `Show ${name}`, autocomplete: "off" });
    const only = element("button", { type: "button", class: "quiet only", title: `Only ${name}` }, named(place));
    const pixels = counts.slice(0, 1).map((side) => number((place === none ? side.pred : side.target).get(place) || 0));
    box.addEventListener("change", () => {
      look.on[place] = box.checked ? 1 : 0;
      update();
    });
    only.addEventListener("click", () => {
      const alone = look.chosen === place;
      look.on.fill(alone ? 1 : 0);
      look.on[place] = 1;
      update();
    });
    const made = element("li", { class: "class-row" },
      element("label", { class: "toggle" }, box, chip({ fill: data.classes[place][1] })), only,
      element("span", { class: "figures-of" }, iou(place)),
      element("span", { class: "figures-of" }, ...pixels));
    rows.set(place, { made, box, only });
    return made;
  }

  function confusion(target, pred, pixels, part, other, as) {
    const made = element("button", { type: "button", class: "quiet confusion", "aria-pressed": "false" },
      chip({ fill: data.classes[other][1] }), element("span", {}, as), named(other), element("span", { class: "figures-of" }, number(pixels)));
    made.addEventListener("click", () => {
      const again = made.getAttribute("aria-pressed") === "true";
      for (const one of split.querySelectorAll(".confusion")) one.setAttribute("aria-pressed", "false");
      made.setAttribute("aria-pressed", String(!again));
      look.pair = again ? null : [target, pred, part];
      changed();
    });
    return element("li", {}, made);
  }

  // Pixels of a chosen class that a prediction has not, or has where the target is of another class.
  function confusions(side, part, missed) {
    const mine = side.pairs.filter((pair) => pair[missed ? 0 : 1] === look.chosen).sort((one, two) => two[2] - one[2]);
    const pixels = mine.reduce((sum, pair) => sum + pair[2], 0), whole = (missed ? side.target : side.pred).get(look.chosen) || 0;
    const said = whole === 0 ? "" : `, ${segscore.percent(pixels, whole)} of its ${missed ? "target" : "prediction"}`;
    const entries = mine.slice(0, MOST).map(([target, pred, count]) =>
      confusion(target, pred, count, part, missed ? pred : target, missed ? "as" : "is"));
    if (mine.length > MOST) entries.push(element("li", { class: "small" }, `and ${number(mine.length - MOST)} more`));
    return [element("p", { class: "small" }, element("strong", {}, missed ? "Missed" : "False"), ` ${segscore.many(pixels, unit)}${said}`),
      element("ul", { class: "class-list" }, ...entries)];
  }

  function parts() {
    if (look.chosen < 0 || look.chosen === ignored) {
      return [element("p", { class: "small" }, "Choose a class by its name to see what it is confused with.")];
    }
    return sides.flatMap(([part, title], i) => [
      ...(sides.length > 1 ? [element("p", { class: "small name model" }, title)] : []),
      ...confusions(counts[i], part, true), ...confusions(counts[i], part, false)]);
  }

  // Which kinds of pixels a map has, by their places in the list of all kinds.
  function kindsShown(every) {
    const all = look.on.every(Boolean), alone = look.chosen >= 0 && look.chosen !== ignored;
    const hues = sides.length > 1 ? ["fixed", "broken", "wrong in both"] : alone ? ["missed", "false"] : ["wrong", "no class"];
    const names = [every[0], ...hues, ...(look.on[ignored] ? ["ignored"] : []), ...(all ? [] : ["other"])];
    return names.map((name) => {
      const kind = name === "other" || (name === every[0] && all) ? "ground" : name === every[0] ? "held" : name.replaceAll(" ", "-");
      const hidden = look.which && hues.includes(name) ? { hidden: "" } : {};
      return element("li", { "data-kind": every.indexOf(name), ...hidden }, chip({ class: `kind-${kind}` }),
        element("span", {}, name === "other" ? (alone ? "another class" : "classes that are off") : name));
    });
  }

  function update() {
    const on = listed.filter((place) => look.on[place]);
    look.chosen = on.length === 1 ? on[0] : -1;
    look.pair = null;
    for (const [place, { made, box, only }] of rows) {
      box.checked = Boolean(look.on[place]);
      made.classList.toggle("off", !box.checked);
      only.setAttribute("aria-pressed", String(place === look.chosen));
    }
    which.setAttribute("aria-pressed", String(look.which));
    kinds.replaceChildren(...kindsShown(sides.length > 1 ? segscore.layers.CHANGES : segscore.layers.ERRORS));
    if (look.which) kinds.append(element("li", {}, "wrong: the class it is confused with"));
    split.replaceChildren(...parts());
    changed();
  }

  return {
    look,

    // The classes of an image or a volume: its `pairs` by the parts of `sides`; of a target alone, those that it `holds`.
    show(volume, pairs, holds) {
      unit = volume ? "voxel" : "pixel";
      const focused = listed.find((place) => rows.get(place).made.contains(document.activeElement));
      counts = sides.map(([part]) => counted(pairs[part]));
      const there = holds || new Set(counts.flatMap((side) => [...side.target.keys(), ...side.pred.keys()]));
      const alone = look.on.reduce((sum, one) => sum + one) === 1 ? look.on.indexOf(1) : -1;
      listed = data.classes.map((_, place) => place).filter((place) => there.has(place) || place === alone);
      rows = new Map();
      list.replaceChildren(...listed.map(row));
      columns.hidden = document.getElementById("viewer-errors").hidden = sides.length === 0;
      columns.textContent = `${sides.length > 1 ? `IoU under ${sides.map(([, title]) => segscore.cut(title, 24)).join(" → ")}` : "IoU"}, ${unit}s of the target; of the whole ${volume ? "volume" : "image"}`;
      heading.textContent = sides.length > 1 ? "Change" : "Errors";
      update();
      if (rows.has(focused)) rows.get(focused).only.focus();
    },

    all(on) {
      look.on.fill(on ? 1 : 0);
      update();
    },

    turn() {
      look.which = !look.which;
      update();
    },

    // Colours of kinds of pixels, which the style sheet has for light and dark, by places in the list of kinds.
    colours() {
      return new Map(Array.from(kinds.querySelectorAll("li[data-kind]"), (entry) => [Number(entry.dataset.kind),
        getComputedStyle(entry.querySelector("rect")).fill.match(/\d+/g).slice(0, 3).map(Number)]));
    },
  };
};
