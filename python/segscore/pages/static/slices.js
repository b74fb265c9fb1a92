// Slices of volumes: a slider shows others that the page keeps along an axis, in place of the first one.
"use strict";

segscore.panel("pictures", () => {
  for (const slider of document.querySelectorAll("#cards .slide input")) {
    const slices = slider.closest(".slices"), strip = slices.querySelector(".strip");
    const images = Array.from(strip.querySelectorAll("img"));
    const shown = images.map((image) => image.src);
    let kept = null;
    slider.addEventListener("input", () => {
      if (kept === null) kept = JSON.parse(slices.querySelector("script").textContent);
      const [said, ...sources] = kept[slider.value];
      images.forEach((image, i) => { image.src = sources[i] || shown[i]; });
      slices.querySelector(".slice").textContent = said;
      strip.dataset.full = said;
      slider.setAttribute("aria-valuetext", said);
    });
    slider.closest(".slide").hidden = false;
  }
});
