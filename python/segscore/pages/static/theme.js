// Light and dark: what the system asks for, until the reader chooses. And where the reader is on the page.
"use strict";

segscore.panel("main", () => {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function kept() {
    try {
      return localStorage.getItem("segscore-theme");
    } catch {
      return null; // Files may not keep anything in some browsers.
    }
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  }

  function said() {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", "Switch to the " + (isDark() ? "light" : "dark") + " theme");
  }

  const before = kept();
  if (before === "light" || before === "dark") root.dataset.theme = before;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("segscore-theme", root.dataset.theme);
    } catch {
      // It lasts until the page is closed.
    }
    said();
  });
  system.addEventListener("change", said);
  said();
  button.hidden = false;

  // The section that is being read is marked in the list of sections.
  const links = new Map();
  for (const link of document.querySelectorAll(".top nav a")) {
    const section = document.getElementById(link.hash.slice(1));
    if (section) links.set(section, link);
  }
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const link = links.get(entry.target);
      if (entry.isIntersecting) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-45% 0px -55% 0px" });
  for (const section of links.keys()) watch.observe(section);
});
