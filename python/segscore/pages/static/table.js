// Tables whose headings sort and whose rows are filtered by name. Undefined values stay last either way.
"use strict";

(() => {
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  function compared(kind, column) {
    return (one, other) => {
      const a = one.cells[column].dataset, b = other.cells[column].dataset;
      // Values that are equal, as infinite ones are, have another number behind them.
      return between(kind, a.value, b.value) || between(kind, a.then || "", b.then || "");
    };
  }

  function between(kind, a, b) {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 2 : -2;
    if (kind !== "number") return order.compare(a, b);
    const one = Number(a), other = Number(b);
    return Number(one > other) - Number(one < other);
  }

  function ways(heading) {
    const rising = ["ascending", "descending"];
    return heading.dataset.worst === "high" ? rising.reverse() : rising;
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const given = Array.from(body.rows);
    for (const heading of table.querySelectorAll("th[data-sort]")) {
      const button = segscore.element("button", { type: "button" }, ...heading.childNodes);
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        // Worst first, then best first, then as given.
        const [first, second] = ways(heading);
        const next = { [first]: second, [second]: "" }[heading.getAttribute("aria-sort")];
        for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
        const way = next === undefined ? first : next;
        if (way === "") {
          body.append(...given);
          return;
        }
        heading.setAttribute("aria-sort", way);
        const compare = compared(heading.dataset.sort, heading.cellIndex);
        const sign = way === "ascending" ? 1 : -1;
        body.append(...given.slice().sort((one, other) => {
          const found = compare(one, other);
          return Math.abs(found) === 2 ? found : sign * found;
        }));
      });
    }
  }

  function filtering(input) {
    const rows = Array.from(document.getElementById(input.dataset.filter).tBodies[0].rows);
    const count = document.querySelector(`[data-filter-count="${input.dataset.filter}"]`);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.cells[0].dataset.value.toLowerCase().includes(wanted);
        shown += !row.hidden;
      }
      count.textContent = wanted === "" ? "" : `${segscore.number(shown)} of ${segscore.number(rows.length)}`;
    });
    input.closest(".tools").hidden = false;
  }

  for (const [chosen, start] of [["table.data", sortable], ["input[data-filter]", filtering]]) {
    for (const found of document.querySelectorAll(chosen)) {
      segscore.panel(found.closest("section.panel").id, () => start(found));
    }
  }
})();
