// From numbers to their images: an application has a page that lists them, a report shows those that it holds.
"use strict";

segscore.behind = (() => {
  // A page without such a panel leads nowhere, and so does one whose panel has not what it should have.
  const { browse = "", behind = {}, places = [] } = segscore.data("pictures") || {};
  const pixels = (query) => /(^|&)(target|pred|wrong)=/.test(query) && !/(^|&)order=/.test(query);
  let show = null, listed = null;

  // Whether there is a list for a query, which is that of a link.
  function leads(query) {
    return browse !== "" || query in behind || place(query) >= 0;
  }

  // The place of the one image that a query may be about.
  function place(query) {
    const [, image] = /^image=(\d+)$/.exec(query) || [];
    return image === undefined ? -1 : places.indexOf(Number(image));
  }

  function entries(query) {
    const one = place(query);
    if (one >= 0) return { total: 1, list: [[one, ""]] };
    const [total, ...flat] = behind[query], list = [];
    for (let i = 0; i < flat.length; i += 2) {
      list.push([flat[i], pixels(query) ? segscore.many(flat[i + 1], "pixel") : flat[i + 1]]);
    }
    return { total, list };
  }

  // Goes to the images of a query; `title` says what they are.
  function go(query, title) {
    if (!leads(query)) return;
    if (browse) location.assign(`${browse}?${query}`);
    else turn({ title, ...entries(query) });
  }

  // Shows a list, or the ranking again if it is null, as a step that the browser's own Back takes back.
  function turn(to) {
    if (show === null) return;
    listed = to;
    history.pushState({ listed }, ""); // before anything scrolls, so that Back leads to the number
    show(listed, true);
  }

  window.addEventListener("popstate", ({ state }) => {
    if (show === null) return;
    // Links within the page make steps of their own, which keep what is listed.
    if (state === null) return history.replaceState({ listed }, "");
    listed = state.listed;
    show(listed, false);
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-behind]");
    if (link === null || !leads(link.dataset.behind) || browse) return;
    event.preventDefault();
    go(link.dataset.behind, link.title);
  });

  return {
    leads,
    go,
    leave: () => turn(null),
    // What shows a list in a report: it is given its title, how many images there are and a list of some, or null;
    // and whether somebody asked for it, and did not go back to it.
    by(shown) {
      if (browse) return;
      show = shown;
      history.replaceState({ listed }, "");
    },
  };
})();
