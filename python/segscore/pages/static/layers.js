// Masks as layers: the class of each pixel, what is wrong with it, and how that is painted. No page is known here.
"use strict";

segscore.layers = (() => {
  // What a pixel can be in a map of errors, and in one of the changes from one model to another.
  const ERRORS = ["correct", "wrong", "no class", "ignored", "missed", "false", "other"];
  const CHANGES = ["right in both", "fixed", "broken", "wrong in both", "ignored", "other"];
  const NOWHERE = 0xffff;

  // The file at an address, and what a server says of its size.
  async function file(address) {
    if (address.startsWith("data:")) {
      const letters = atob(address.slice(address.indexOf(",") + 1));
      return [Uint8Array.from(letters, (letter) => letter.charCodeAt(0)), ""];
    }
    const answer = await fetch(address);
    if (!answer.ok) throw new Error("the picture is no longer there");
    return [new Uint8Array(await answer.arrayBuffer()), answer.headers.get("x-shown") || ""];
  }

  // The pixels of a PNG as places in its palette. Its bytes are read and not a canvas, of which some browsers change
  // what pages read. All pictures of masks have one byte a pixel, and rows that are whole or differences from
  // the one above.
  async function decode(bytes) {
    const view = new DataView(bytes.buffer), parts = [];
    let width = 0, height = 0, palette = [];
    for (let at = 8; at < bytes.length; at += view.getUint32(at) + 12) {
      const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      const body = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
      if (kind === "IHDR") {
        [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
        if (body[8] !== 8 || body[9] !== 3 || body[12] !== 0) throw new Error("the picture has no palette of bytes");
      }
      if (kind === "PLTE") palette = body;
      if (kind === "IDAT") parts.push(body);
    }
    const inflated = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
    const rows = new Uint8Array(await new Response(inflated).arrayBuffer());
    const pixels = new Uint8Array(width * height);
    for (let y = 0, i = 0; y < height; y += 1) {
      const from = y * (width + 1), filter = rows[from];
      if (filter !== 0 && filter !== 2) throw new Error("the picture is packed in another way");
      for (let x = 1; x <= width; x += 1, i += 1) {
        pixels[i] = rows[from + x] + (filter === 2 && y > 0 ? pixels[i - width] : 0);
      }
    }
    return { width, height, palette, pixels };
  }

  // A mask: width, height, and the place of each pixel's class among `places`, which are by colours, as #rrggbb.
  async function read(address, places) {
    const [bytes, said] = await file(address);
    const { width, height, palette, pixels } = await decode(bytes);
    const table = new Uint16Array(256).fill(NOWHERE);
    for (let i = 0; i < palette.length / 3; i += 1) {
      const colour = Array.from(palette.subarray(3 * i, 3 * i + 3), (part) => part.toString(16).padStart(2, "0"));
      const place = places.get("#" + colour.join(""));
      if (place !== undefined) table[i] = place;
    }
    const classes = Uint16Array.from(pixels, (pixel) => table[pixel]);
    if (classes.includes(NOWHERE)) throw new Error("a colour is of no class");
    return { width, height, classes, said };
  }

  // What is wrong where, as places in `ERRORS`. A look has `on` for each class, the place of `none` and `ignored`,
  // the class that is `chosen` alone (-1: none is), and of one confusion the `pair` of classes, or null.
  function errors(target, pred, look) {
    const { on, none, ignored, chosen, pair } = look;
    return target.map((t, i) => {
      const p = pred[i];
      if (t === ignored) return on[t] ? 3 : 6;
      if (chosen >= 0 ? t !== chosen && p !== chosen : !on[t] && !on[p]) return 6;
      if (t === p) return 0;
      if (pair !== null && (t !== pair[0] || p !== pair[1])) return 6;
      if (chosen >= 0) return t === chosen ? 4 : 5;
      return p === none ? 2 : 1;
    });
  }

  // What changed from one prediction to the other, as places in `CHANGES`; of a chosen class, whether it is
  // found where it is and nowhere else. Here the third of a `pair` says which of the predictions has it.
  function changes(target, a, b, look) {
    const { on, ignored, chosen, pair } = look;
    return target.map((t, i) => {
      const one = a[i], two = b[i];
      if (t === ignored) return on[t] ? 4 : 5;
      const alone = chosen >= 0, here = t === chosen;
      if (alone ? !here && one !== chosen && two !== chosen : !on[t] && !on[one] && !on[two]) return 5;
      const before = alone ? here === (one === chosen) : t === one;
      const after = alone ? here === (two === chosen) : t === two;
      if (before && after) return 0;
      if (pair !== null && (t !== pair[0] || (pair[2] === "a" ? one : two) !== pair[1])) return 5;
      return after ? 1 : before ? 2 : 3;
    });
  }

  // Paint each pixel in the colour of its place: red, green, blue and alpha, 0 to 255.
  function paint(canvas, width, height, colour) {
    [canvas.width, canvas.height] = [width, height];
    const image = new ImageData(width, height), bytes = image.data;
    for (let i = 0; i < width * height; i += 1) {
      const [red, green, blue, alpha] = colour(i);
      bytes[4 * i] = red;
      bytes[4 * i + 1] = green;
      bytes[4 * i + 2] = blue;
      bytes[4 * i + 3] = alpha;
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  return { ERRORS, CHANGES, read, errors, changes, paint };
})();
