import { html } from "../../vendor/lit-html.js";
import { extentOf, palette } from "../colours.js";
import { short } from "../numbers.js";
import { NO_FRAME, painted } from "./painted.js";

/**
 * A grid to look at: with numbers where they can be read, else painted.
 *
 * @param {object} spec
 * @param {string} spec.label for a screen reader
 * @param {number[][]} spec.values
 * @param {boolean} spec.isDark
 * @param {number} [spec.extent] the value of full colour
 * @param {"signed"|"grey"} [spec.scale]
 * @param {boolean} [spec.hasNumbers] false paints even a small one
 */
export function figure({ label, values, isDark, extent, scale = "signed", hasNumbers = true }) {
  const size = [values.length, values[0].length];
  const name = scale === "grey" ? "grey" : isDark ? "dark" : "light";
  const colours = palette(name, extent ?? extentOf(values));
  const style = `--rows:${size[0]};--columns:${size[1]}`;
  if (!hasNumbers || size[0] * size[1] > 64 || size[1] > 9) {
    return html`<div class="figure" role="img" aria-label=${label} style=${style}>
      <canvas class="paint" ${painted({ values, colours, frame: NO_FRAME, size })}></canvas>
    </div>`;
  }
  // A rest of rounding beside whole numbers is read as the nothing that it stands for.
  const least = 1e-6 * extentOf(values);
  const texts = values.map((row) =>
    row.map((value) => (Math.abs(value) < least ? "0" : short(value))),
  );
  const longest = Math.max(3, ...texts.flat().map((text) => text.length));
  const numbers = texts.map((row) => row.join(" ")).join("; ");
  return html`<div
    class="figure has-numbers"
    role="img"
    aria-label="${label}: ${numbers}"
    style="${style};--longest:${longest}"
  >
    ${values.map((row, i) =>
      row.map((value, j) => html`<span style=${colours.style(value)}>${texts[i][j]}</span>`),
    )}
  </div>`;
}
