// Fields of paths: folders that begin as the text does are offered below it while somebody types.
"use strict";

segscore.panel("main", () => {
  const PAUSE_MS = 120;
  let field = null, list = null, at = -1, timer = 0, asked = 0, pressed = false;

  function options() {
    return list === null ? [] : Array.from(list.querySelectorAll("[role=option]"));
  }

  // Closes the list. What is pressed meanwhile must not move away from the pointer, or it would not be clicked:
  // with `room`, the place of the list is left empty until nothing is pressed any more.
  function close(room = false) {
    clearTimeout(timer);
    asked += 1;
    if (list === null) return;
    const old = list;
    if (room) {
      old.classList.add("leaving");
      for (const end of ["pointerup", "pointercancel"]) {
        document.addEventListener(end, () => setTimeout(() => old.remove()), { once: true });
      }
    } else old.remove();
    list = null;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function mark(place) {
    const all = options();
    if (!all.length) return;
    if (all[at]) all[at].setAttribute("aria-selected", "false");
    at = (place + all.length) % all.length;
    all[at].setAttribute("aria-selected", "true");
    all[at].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[at].id);
  }

  // What is in the folder that was taken comes next.
  function take(option) {
    field.value = option.dataset.path;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
    ask();
  }

  function show(found) {
    close();
    const id = field.id + "-folders";
    list = segscore.element("div", { class: "folders", id: id + "-box" });
    const box = segscore.element("ul", { role: "listbox", id, "aria-label": "Folders" });
    found.folders.forEach((folder, i) => {
      const option = segscore.element("li", { role: "option", id: `${id}-${i}`, "aria-selected": "false" }, folder.shown + "/");
      option.dataset.path = folder.path;
      box.append(option);
    });
    if (found.folders.length) list.append(box);
    if (found.said) list.append(segscore.element("p", { class: "small", role: "status" }, found.said));
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // The field stays the one that is in use.
      const option = event.target.closest("[role=option]");
      if (option) take(option);
    });
    field.after(list);
    if (found.folders.length) field.setAttribute("aria-controls", id);
    field.setAttribute("aria-expanded", String(found.folders.length > 0));
  }

  async function ask() {
    clearTimeout(timer);
    const mine = (asked += 1), of = field;
    try {
      const answer = await fetch("/folders?" + new URLSearchParams({ path: of.value }));
      if (!answer.ok || mine !== asked || document.activeElement !== of) return;
      const found = await answer.json();
      if (mine === asked && document.activeElement === of) show(found);
    } catch {
      close(); // The banner says that nobody answers.
    }
  }

  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pressed = false; }, true);
  document.addEventListener("focusin", (event) => {
    if (field !== null && event.target !== field) close(pressed);
    if (!event.target.matches("input.path") || event.target === field) return;
    field = event.target;
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) {
      field.setAttribute(name, value);
    }
  });
  document.addEventListener("focusout", (event) => {
    if (event.target !== field) return;
    close(pressed);
    field = null;
  });
  document.addEventListener("input", (event) => {
    if (event.target !== field) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== field || event.isComposing) return;
    if (list === null) {
      if (event.key === "ArrowDown") {
        event.preventDefault();
        ask();
      }
      return;
    }
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter" && at >= 0) take(options()[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
});
