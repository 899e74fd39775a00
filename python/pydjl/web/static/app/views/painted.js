import { noChange } from "../../vendor/lit-html.js";
import { Directive, directive } from "../../vendor/directive.js";

/** No padding around the cells. */
export const NO_FRAME = { top: 0, left: 0, bottom: 0, right: 0 };

/** Paints a canvas with one pixel per cell; CSS makes the pixels large. */
class Painted extends Directive {
  render() {
    return noChange;
  }

  update(part, [{ values, colours, frame, size, revealed = Infinity }]) {
    const [rows, columns] = size;
    const canvas = part.element;
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    const context = canvas.getContext("2d");
    const image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(packed(colours.rgb(0)));
    values.forEach((row, i) => {
      const start = (i + frame.top) * columns + frame.left;
      row.forEach((value, j) => {
        const isHidden = i * row.length + j >= revealed;
        pixels[start + j] = packed(colours.rgb(value), isHidden ? 20 : 255);
      });
    });
    context.putImageData(image, 0, 0);
    return noChange;
  }
}

/** An element directive for a canvas: `<canvas ${painted({values, colours, frame, size})}>`. */
export const painted = directive(Painted);

function packed([red, green, blue], alpha = 255) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
