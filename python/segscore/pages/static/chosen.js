// The class that the page is about: it is chosen in a table of classes or a list, and all charts follow.
"use strict";

segscore.chosen = (() => {
  const followers = [], lists = [], buttons = [];
  let chosen = null;

  function show() {
    for (const list of lists) list.value = chosen === null ? "" : String(chosen);
    for (const button of buttons) button.setAttribute("aria-pressed", String(Number(button.value) === chosen && chosen !== null));
    for (const heed of followers) heed(chosen);
  }

  function choose(index) {
    chosen = index;
    show();
  }

  const cells = Array.from(document.querySelectorAll("th[data-class]"));
  for (const cell of cells) {
    const name = cell.querySelector(".named");
    const button = segscore.element("button", { type: "button", class: "choose", value: cell.dataset.class, title: "Show this class in the charts" });
    name.replaceWith(button);
    button.append(name);
    button.addEventListener("click", () => choose(Number(button.value) === chosen ? null : Number(button.value)));
    buttons.push(button);
  }
  const names = new Map(cells.map((cell) => [cell.dataset.class, cell.dataset.value]));
  for (const list of document.querySelectorAll("select[data-classes]")) {
    for (const [index, name] of names) list.append(segscore.element("option", { value: index }, segscore.cut(name, 40)));
    list.addEventListener("change", () => choose(list.value === "" ? null : Number(list.value)));
    list.closest("[hidden]").hidden = names.size === 0;
    lists.push(list);
  }
  show();

  return {
    choose,
    // Calls a function with the index of the class, or null: now, and whenever another one is chosen.
    follow(heed) {
      followers.push(heed);
      heed(chosen);
    },
  };
})();
