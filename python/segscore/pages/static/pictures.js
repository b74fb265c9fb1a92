// Worst and best images: the cards of a ranking, in its order; images without pictures as lines below them.
"use strict";

segscore.panel("pictures", () => {
  const data = segscore.data("pictures");
  if (data === null) return;

  const list = document.getElementById("cards"), others = document.getElementById("others");
  const limit = document.getElementById("picture-limit");
  const ranking = document.getElementById("picture-ranking");
  const cards = new Map();
  for (const card of list.querySelectorAll(".card")) cards.set(Number(card.dataset.picture), card);

  function plain(index) {
    return segscore.element("li", { class: "card plain" },
      segscore.element("p", { class: "card-title" },
        segscore.element("span", { class: "rank" }),
        segscore.element("span", { class: "name", title: data.names[index] }, data.names[index]),
        segscore.element("span", { class: "score" })));
  }

  function show() {
    const way = document.querySelector('input[name="picture-way"]:checked').value;
    const chosen = data.rankings[Number(ranking.value)], entries = chosen[way];
    const lists = { true: [], false: [] };
    entries.forEach(([index, score], place) => {
      const card = cards.get(index) || plain(index);
      lists[cards.has(index)].push(card);
      card.querySelector(".rank").textContent = `${place + 1}.`;
      card.querySelector(".score").textContent = `${segscore.cut(chosen.title, 28)} ${score}`;
    });
    list.replaceChildren(...lists[true]);
    others.replaceChildren(...lists[false]);
    if (limit !== null) limit.hidden = lists[false].length === 0;
  }

  ranking.addEventListener("change", show);
  for (const radio of document.querySelectorAll('input[name="picture-way"]')) radio.addEventListener("change", show);
  segscore.show("picture-tools");
  show();
});
