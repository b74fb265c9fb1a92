// Worst and best images: the cards of a ranking, in its order; images without pictures as a line.
"use strict";

segscore.panel("pictures", () => {
  const data = segscore.data("pictures");
  if (data === null) return;

  const list = document.getElementById("cards"), count = document.getElementById("picture-count");
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
    let shown = 0;
    list.replaceChildren(...entries.map(([index, score], place) => {
      const card = cards.get(index) || plain(index);
      shown += cards.has(index);
      card.querySelector(".rank").textContent = `${place + 1}.`;
      card.querySelector(".score").textContent = `${segscore.cut(chosen.title, 28)} ${score}`;
      return card;
    }));
    count.textContent = shown < entries.length && cards.size
      ? `${shown} of these ${entries.length} are shown as pictures` : "";
  }

  ranking.addEventListener("change", show);
  for (const radio of document.querySelectorAll('input[name="picture-way"]')) radio.addEventListener("change", show);
  segscore.show("picture-tools");
  show();
});
