// The application's pages: how far jobs are, parts that are renewed when something has changed, small helps.
// Everything works without it, but that pages have to be reloaded.
"use strict";

// A page of the application, whose templates escape every text.
segscore.parsed = (text) => new DOMParser().parseFromString(text, "text/html");

// The page at an address, and whether it is the one that was asked for, and not one that says why there is none.
segscore.fetched = async (address) => {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  return [answer.ok, segscore.parsed(await answer.text())];
};

segscore.panel("main", () => {
  const OFTEN_MS = 700, SELDOM_MS = 4000;
  const banner = document.getElementById("banner"), work = document.getElementById("work");
  const live = ["jobs", "models", "unfinished", "evaluation", "state"], told = document.getElementById("told");
  const ENDED = ["finished", "failed", "cancelled"], USED = "a[href], button:not(:disabled), select, summary";
  // What is folded in a narrow window is open in a wide one.
  const wide = matchMedia("(min-width: 761px)").matches;
  for (const fold of document.querySelectorAll("details[data-narrow]")) fold.open ||= wide;
  let stamp = banner.dataset.stamp, timer = 0, asking = false, lost = false;

  // What is said above the page, and a link to the page as it is now.
  function say(text, link = "") {
    const again = link === "" ? [] : [segscore.element("a", { href: location.pathname + location.search }, link)];
    banner.replaceChildren(text, ...again);
    banner.hidden = text === "";
  }

  // What the reader has chosen or opened stays as it is when a part is renewed.
  function taken(section) {
    const kept = new Map();
    for (const field of section.querySelectorAll("select[id], details[id]")) {
      // What nobody has chosen is what the page selects, which may be another one now.
      if (field.localName === "select" && field.selectedOptions[0] && field.selectedOptions[0].defaultSelected) continue;
      kept.set(field.id, field.localName === "select" ? field.value : field.open);
    }
    return kept;
  }

  function given(section, kept) {
    for (const [id, value] of kept) {
      const field = section.querySelector("#" + CSS.escape(id));
      if (field === null) continue;
      if (field.localName === "details") field.open = value;
      else if (Array.from(field.options).some((option) => option.value === value)) field.value = value;
    }
  }

  // What has changed since the page was made, by another tab or a command.
  const CHANGED = { jobs: "A job has come further.", runs: "Runs have changed.", datasets: "Datasets have changed.", models: "Models have changed." };
  function changes(now) {
    const before = new Set(stamp.split(" "));
    const kinds = now.split(" ").filter((part) => !before.has(part)).map((part) => part.split("=")[0]);
    // What a job does to the runs is said of the job.
    return kinds.filter((kind) => kind !== "runs" || !kinds.includes("jobs")).map((kind) => CHANGED[kind]).join(" ");
  }

  async function renewed(now) {
    if (!document.querySelector("#models, [data-waits]")) {
      // Elsewhere somebody may be reading or writing: the page says so, and does not move.
      const said = changes(now) + " ";
      if (!banner.hidden && banner.firstChild.textContent === said) return;
      say(said, "Show what is new");
      return;
    }
    const before = states();
    const [fine, page] = await segscore.fetched(location.pathname + location.search);
    if (!fine) return;
    stamp = page.getElementById("banner").dataset.stamp;
    const focused = ids(document.activeElement);
    const main = document.getElementById("main");
    for (const id of live) {
      const now = document.getElementById(id), after = page.getElementById(id);
      if (now && after) {
        const kept = taken(now);
        now.replaceChildren(...document.importNode(after, true).childNodes);
        given(now, kept);
      } else if (now) {
        now.remove();
      } else if (after) {
        const next = id === "jobs" ? main.querySelector("section.panel") : null;
        main.insertBefore(document.importNode(after, true), next);
      }
    }
    document.dispatchEvent(new CustomEvent("renewed", { detail: page }));
    local(main);
    if (document.activeElement === document.body) focus(focused);
    announce(before);
  }

  // Elements that hold one another, by their ids, from the inside.
  function ids(element) {
    const found = [];
    for (let one = element && element.closest("[id]"); one; one = one.parentElement && one.parentElement.closest("[id]")) {
      found.push(one.id);
    }
    return found;
  }

  // What was in use is in use again; where it has gone, what is nearest to it.
  function focus(wanted) {
    for (const id of wanted) {
      const there = document.getElementById(id);
      const used = there && (there.matches(USED) ? there : there.querySelector(USED));
      if (used) {
        used.focus({ preventScroll: true });
        return;
      }
    }
  }

  function states() {
    return new Map(Array.from(document.querySelectorAll("[data-job]"), (row) => [Number(row.dataset.job), row.dataset.state]));
  }

  // What has ended meanwhile is said to those who do not see it.
  let latest = Math.max(0, ...states().keys());
  function announce(before) {
    const texts = [];
    for (const row of document.querySelectorAll("[data-job]")) {
      const number = Number(row.dataset.job), state = row.dataset.state;
      const other = before.has(number) ? before.get(number) !== state : number > latest;
      if (other && ENDED.includes(state)) texts.push(row.dataset.told);
    }
    latest = Math.max(latest, ...states().keys());
    if (texts.length) told.textContent = texts.join(" ");
  }

  function drawn(state) {
    document.getElementById("work-text").textContent = state.work;
    work.hidden = state.work === "";
    for (const job of state.jobs) {
      const row = document.querySelector(`[data-job="${job.number}"]`);
      if (row === null || job.state !== "running") continue;
      for (const part of ["count", "rate", "left", "score", "failures"]) {
        const place = row.querySelector(`[data-part="${part}"]`);
        if (place && place.textContent !== job[part]) place.textContent = job[part];
      }
      const bar = row.querySelector('[data-part="bar"]');
      if (bar) {
        bar.max = job.total || 1;
        bar.value = job.done;
      }
    }
  }

  async function ask() {
    clearTimeout(timer);
    if (asking || document.hidden) return;
    asking = true;
    let pause = SELDOM_MS;
    try {
      const answer = await fetch("/state", { cache: "no-store" });
      if (answer.status === 403) {
        say("The application was started anew: open the address that it printed in the terminal. ", "Let this browser in");
        return;
      }
      const state = await answer.json();
      if (lost) say("");
      lost = false;
      drawn(state);
      if (stamp !== state.stamp) await renewed(state.stamp);
      if (state.jobs.length) pause = OFTEN_MS;
    } catch {
      lost = true;
      say("The application does not answer. If it has ended, start `segscore ui` again: runs go on where they stopped.");
    } finally {
      asking = false;
      timer = setTimeout(ask, pause);
    }
  }

  // Intervals that take long come into the page once they are there; what one reads stays where it is.
  async function filled(notes) {
    let said = "Intervals cannot be shown: the application does not answer. Reload the page to try again.";
    try {
      const [, page] = await segscore.fetched(notes.dataset.laterFrom);
      const found = new Map(Array.from(page.querySelectorAll("[data-later]"), (part) => [part.dataset.later, part]));
      if (found.size) {
        for (const part of document.querySelectorAll("[data-later]")) taking(part, found.get(part.dataset.later));
        return;
      }
      const problem = Array.from(page.querySelectorAll("#message .problem p"), (line) => line.textContent.trim());
      said = "Intervals cannot be shown: " + (problem.length ? problem.join(" ") : "the page has gone");
    } catch { /* said below */ }
    notes.replaceChildren(segscore.element("p", { class: "notice error" }, said));
    for (const part of document.querySelectorAll(".waiting .hidden")) part.textContent = "not computed";
  }

  function taking(now, after) {
    if (!after) return;
    if (now.localName === "tr") {
      // The row stays, and its heading: tables know their rows, and one of them may be in use.
      Array.from(now.cells).forEach((cell, i) => {
        if (cell.localName === "td" && after.cells[i]) taking(cell, after.cells[i]);
      });
      return;
    }
    for (const { name, value } of Array.from(after.attributes)) {
      if (name === "class" || name.startsWith("data-")) now.setAttribute(name, value);
    }
    now.replaceChildren(...document.importNode(after, true).childNodes);
  }

  for (const notes of document.querySelectorAll("[data-later-from]")) {
    if (notes.dataset.laterFrom) filled(notes);
  }

  // Times are written in UTC, and read where the reader is.
  function local(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime()) || time.title) continue;
      const two = (part) => String(part).padStart(2, "0");
      time.title = time.textContent + " UTC";
      time.textContent = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ` +
        `${two(moment.getHours())}:${two(moment.getMinutes())}`;
    }
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const place of root.querySelectorAll("[data-zone]")) {
      place.textContent = place.textContent.replace("UTC", zone);
      place.removeAttribute("data-zone");
    }
  }
  local(document);

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.classList.add("sent");
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.classList.remove("sent");
    }
    ask();
  });
  document.addEventListener("visibilitychange", ask);

  // A button that needs so many boxes to be ticked; beyond the most of them, the first one is let go.
  for (const button of document.querySelectorAll("button[data-needs]")) {
    const form = button.form, wanted = Number(button.dataset.needs), ticked = [];
    const most = Number(button.dataset.most || wanted);
    const said = () => {
      button.disabled = ticked.length < wanted;
    };
    for (const box of form.elements) {
      if (box.type !== "checkbox") continue;
      if (box.checked) ticked.push(box);
      box.addEventListener("change", () => {
        const place = ticked.indexOf(box);
        if (place >= 0) ticked.splice(place, 1);
        if (box.checked) ticked.push(box);
        while (ticked.length > most) ticked.shift().checked = false;
        said();
      });
    }
    said();
  }

  // A filter that the address brought along.
  for (const input of document.querySelectorAll("input[data-filter]")) {
    if (input.value) input.dispatchEvent(new Event("input"));
  }

  // A picture that cannot be shown says why.
  function gone(image) {
    if (image.dataset.gone || !/^\/(runs|dataset)\//.test(image.getAttribute("src"))) return;
    image.dataset.gone = "yes";
    const place = segscore.element("span", { class: "no-picture" }, "cannot be shown");
    image.replaceWith(place);
    fetch(image.src).then((answer) => answer.text()).then((text) => {
      if (text.length < 1000 && !text.startsWith("<")) place.textContent = text;
    }).catch(() => {});
  }
  document.addEventListener("error", (event) => {
    if (event.target instanceof HTMLImageElement) gone(event.target);
  }, true);
  for (const image of document.images) {
    if (image.complete && image.naturalWidth === 0) gone(image);
  }

  // A menu closes when something else is used.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
});
