// The images of a page are the list that the viewer walks through.
"use strict";

segscore.panel("images", () => {
  const data = segscore.data("images");
  if (data !== null) segscore.pictures = { data };
});
