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

  // Show a list of images: `entries` are places in `names` of the data, each with its score as text, and `title` is
  // what they are ranked by, which cards say as well unless they have another `word`. The viewer walks through the
  // list that is shown, and says title and score.
  function show(title, entries, word = title) {
    const lists = { true: [], false: [] };
    entries.forEach(([index, score], place) => {
      const card = cards.get(index) || plain(index);
      lists[cards.has(index)].push(card);
      card.dataset.ranked = `${title} ${score}`;
      card.querySelector(".rank").textContent = `${place + 1}.`;
      card.querySelector(".score").textContent = `${segscore.cut(word, 28)} ${score}`;
    });
    list.replaceChildren(...lists[true]);
    others.replaceChildren(...lists[false]);
    if (limit !== null) limit.hidden = lists[false].length === 0;
  }

  function ranked() {
    const way = document.querySelector('input[name="picture-way"]:checked').value;
    const chosen = data.rankings[Number(ranking.value)];
    show(chosen.title, chosen[way]);
  }

  // Pages of two models lead to no images, and follow no class.
  const told = document.getElementById("behind");
  if (told !== null) {
    const back = () => {
      told.hidden = true;
      segscore.show("picture-tools");
      ranked();
    };
    const listing = ({ title, total, list: found }) => {
      show(`${title}:`, found, "");
      const some = found.length < total ? `The first ${segscore.number(found.length)} of ` : "";
      document.getElementById("behind-title").textContent = `${title}.`;
      document.getElementById("behind-count").textContent = `${some}${segscore.many(total, "image")}.`;
      told.hidden = false;
      document.getElementById("picture-tools").hidden = true;
    };
    // A list of images behind a number, in place of a ranking, or the ranking again if it is null.
    segscore.behind.by((listed, asked) => {
      if (listed === null) return back();
      listing(listed);
      if (!asked) return;
      told.focus();
      told.scrollIntoView({ block: "start" });
    });
    document.getElementById("behind-back").addEventListener("click", () => {
      segscore.behind.leave();
      ranking.focus();
    });
    segscore.chosen.follow((index) => {
      const at = data.rankings.findIndex((one) => one.index === index);
      if (at < 0) return;
      ranking.value = String(at);
      back();
    });
  }

  ranking.addEventListener("change", ranked);
  for (const radio of document.querySelectorAll('input[name="picture-way"]')) radio.addEventListener("change", ranked);
  segscore.show("picture-tools");
  ranked();
});
