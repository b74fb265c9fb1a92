// Charts of images side by side: pointer and arrow keys move from image to image, and all charts mark it.
"use strict";

// `charts` are elements with a picture each, `place(at, i)` is where image i is in one of them, `say(i)` is what
// is said of it, and `go(i)` goes to it. In a chart of which `along` is true, only the way along counts for what is nearest.
segscore.points = (box, said, charts, { count, place, say, go = () => {}, along = () => false }) => {
  let now = -1, rings = [];

  function mark(i) {
    now = i;
    rings.forEach((ring, at) => {
      const [cx, cy] = place(at, i);
      ring.setAttribute("cx", cx);
      ring.setAttribute("cy", cy);
      ring.setAttribute("visibility", "visible");
    });
    said.textContent = say(i);
  }

  function nearest(at, px, py) {
    let best = 0, least = Infinity;
    for (let i = 0; i < count(); i += 1) {
      const [cx, cy] = place(at, i), far = (cx - px) ** 2 + (along(at) ? 0 : (cy - py) ** 2);
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  charts.forEach((part, at) => {
    const look = (event) => {
      const frame = part.getBoundingClientRect();
      if (count() > 0) mark(nearest(at, event.clientX - frame.left, event.clientY - frame.top));
    };
    part.addEventListener("pointermove", look);
    part.addEventListener("pointerdown", look);
    part.addEventListener("click", () => now >= 0 && go(now));
  });
  box.addEventListener("keydown", (event) => {
    const last = count() - 1;
    if (event.key === "Enter" && now >= 0) go(now);
    const next = { ArrowRight: now + 1, ArrowDown: now + 1, ArrowLeft: now - 1, ArrowUp: now - 1,
      PageDown: now + 10, PageUp: now - 10, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    mark(Math.min(last, Math.max(0, next)));
  });

  return {
    // The picture of each chart; the image that is looked at stays, unless there are others now.
    show(pictures, others = false) {
      rings = pictures.map((svg, at) => {
        const ring = segscore.svg("circle", { class: "ring", r: 6, visibility: "hidden" });
        svg.append(ring);
        charts[at].replaceChildren(svg);
        return ring;
      });
      if (others) now = -1;
      else if (now >= 0) mark(now);
    },
  };
};
