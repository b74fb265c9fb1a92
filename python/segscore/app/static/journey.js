// From a version to its results: the window in which another dataset is chosen, and results that come by themselves.
"use strict";

segscore.panel("main", () => {
  // Versions of the dataset that is chosen, the latest of which is taken if none is.
  function narrow(dataset) {
    const version = document.getElementById(dataset.dataset.version), chosen = dataset.selectedOptions[0];
    if (!version || !chosen) return;
    const before = version.value, names = (chosen.dataset.versions || "").split(" ").filter(Boolean);
    version.replaceChildren(segscore.element("option", { value: "" }, names.length ? `the latest (${names[0]})` : "the latest"),
      ...names.map((name) => segscore.element("option", { value: name }, name)));
    version.value = names.includes(before) ? before : "";
  }

  // Parts below each other become tabs, one of which is shown.
  function tabbed(box) {
    const parts = Array.from(box.querySelectorAll(".tab"));
    const list = segscore.element("div", { class: "tabs", role: "tablist", "aria-label": "Where it comes from" });
    const tabs = parts.map((part) => {
      const heading = part.querySelector("h2");
      const tab = segscore.element("button", { type: "button", role: "tab", id: part.id + "-of", "aria-controls": part.id }, heading.textContent);
      heading.hidden = true;
      part.setAttribute("role", "tabpanel");
      part.setAttribute("aria-labelledby", tab.id);
      list.append(tab);
      return tab;
    });
    function choose(place) {
      tabs.forEach((tab, i) => {
        tab.setAttribute("aria-selected", String(i === place));
        tab.tabIndex = i === place ? 0 : -1;
        parts[i].hidden = i !== place;
      });
    }
    list.addEventListener("click", (event) => {
      const place = tabs.indexOf(event.target);
      if (place >= 0) choose(place);
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], now = tabs.indexOf(event.target);
      if (!step || now < 0) return;
      event.preventDefault();
      const place = (now + step + tabs.length) % tabs.length;
      choose(place);
      tabs[place].focus();
    });
    box.prepend(list);
    choose(Math.max(0, parts.findIndex((part) => part.id === "tab-" + box.dataset.tabs)));
  }

  function begun(root) {
    for (const box of root.querySelectorAll("[data-tabs]")) tabbed(box);
    for (const dataset of root.querySelectorAll("select[data-version]")) narrow(dataset);
  }
  begun(document);
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-version]")) narrow(event.target);
  });

  // The window over the page: what its link leads to, without leaving the page.

  let opener = "";
  async function opened(link) {
    let found = null;
    try {
      const [fine, page] = await segscore.fetched(link.href);
      found = fine && page.getElementById(link.dataset.dialog);
    } catch {
      // The page itself says what is wrong.
    }
    if (!found) {
      location.href = link.href;
      return;
    }
    const title = found.querySelector("h1"), close = segscore.element("button", { type: "button", class: "quiet" }, "Close");
    const dialog = segscore.element("dialog", { class: "dialog", id: "dialog", "aria-labelledby": title.id });
    // The heading of a page is one of its parts here.
    title.replaceWith(segscore.element("h2", { id: title.id }, ...title.childNodes));
    dialog.append(close, ...document.importNode(found, true).childNodes);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      // The part of the page that the link is in may have been renewed meanwhile.
      const link = document.getElementById(opener);
      if (link) link.focus();
    });
    opener = link.id;
    document.body.append(dialog);
    begun(dialog);
    dialog.showModal();
    const first = dialog.querySelector("[role=tabpanel]:not([hidden]) :is(select, input:not([type=hidden]), a[href])");
    (first || dialog.querySelector("[role=tab][aria-selected=true]")).focus();
  }

  // The part in which another workspace is looked into.
  async function found(address) {
    const [, page] = await segscore.fetched(address);
    const now = document.querySelector("#dialog #tab-workspace"), after = page.getElementById("tab-workspace");
    if (!now || !after) return;
    now.replaceChildren(...document.importNode(after, true).childNodes);
    now.querySelector("h2").hidden = true;
    begun(now);
    (now.querySelector("select") || now.querySelector("input.path")).focus();
  }

  async function sent(form) {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
    const told = answer.ok ? await answer.json() : { page: await answer.text() };
    if (told.address) {
      location.href = told.address;
      return;
    }
    // The form as it was filled in, and what is wrong with it.
    const page = segscore.parsed(told.page), after = page.getElementById(form.id);
    const wrong = page.querySelectorAll("main > .notice, .problem.large");
    if (after) form.replaceChildren(...document.importNode(after, true).childNodes);
    for (const old of form.querySelectorAll(".problem.large, .sent")) {
      if (old.matches(".sent")) old.classList.remove("sent");
      else old.remove();
    }
    form.prepend(...Array.from(wrong, (notice) => document.importNode(notice, true)));
    begun(form);
    delete form.dataset.sent;
    const said = form.querySelector(".notice, .problem");
    if (said) {
      said.tabIndex = -1;
      said.focus();
    }
  }

  function failed() {
    location.href = document.getElementById(opener).href;
  }

  document.addEventListener("click", (event) => {
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    const link = plain && event.target.closest("a[data-dialog], #dialog a[data-workspace]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.dialog) opened(link);
    else found(link.href).catch(failed);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest("#dialog")) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    if (form.method === "post") sent(form).catch(failed);
    else found(form.action + "?" + new URLSearchParams(new FormData(form))).catch(failed);
  });

  // A run has ended: its panels come below what is there, and nothing of that moves.
  document.addEventListener("renewed", (event) => {
    const page = event.detail;
    if (!document.getElementById("state") || document.getElementById("summary") || !page.getElementById("summary")) return;
    document.title = page.title;
    const main = document.getElementById("main"), bar = page.querySelector("nav.sections");
    const place = () => document.getElementById("state").getBoundingClientRect().top, before = place();
    for (const panel of page.querySelectorAll("main > .panel")) {
      if (!document.getElementById(panel.id)) main.append(document.importNode(panel, true));
    }
    if (bar) document.getElementById("banner").before(document.importNode(bar, true));
    scrollBy({ top: place() - before, behavior: "instant" });
    for (const block of page.querySelectorAll('script[type="application/json"]')) document.body.append(document.importNode(block, true));
    for (const script of page.querySelectorAll("script[src]")) {
      const address = script.getAttribute("src");
      if (document.querySelector(`script[src="${address}"]`)) continue;
      const made = segscore.element("script", { src: address });
      made.async = false; // They come in their order.
      document.body.append(made);
    }
  });
});
