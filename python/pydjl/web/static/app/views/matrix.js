import { html, nothing } from "../../vendor/lit-html.js";
import { guard } from "../../vendor/directives/guard.js";
import { extentOf, palette } from "../colours.js";
import { short, shown } from "../numbers.js";
import { sizeOf } from "../problem.js";
import { answerOf, gridCell } from "../selectors.js";
import { choice } from "./controls.js";
import { NO_FRAME, painted } from "./painted.js";

/** Up to so many cells the numbers are written out. */
const CELLS_WITH_NUMBERS = 600;

const TEXTS = {
  im2col:
    "Every window becomes a column, every kernel a row: one product of two matrices is the whole layer.",
  toeplitz:
    "The kernel becomes a sparse matrix with one row per output cell; its product with the input, written as one column, is the layer.",
};

/** The convolution as a product of matrices. */
export function matrixView(state, dispatch) {
  return html`
    <div class="line">
      ${choice({
        name: "matrix",
        legend: "Matrix",
        value: state.matrixKind,
        options: [
          ["im2col", "im2col"],
          ["toeplitz", "Toeplitz"],
        ],
        onChange: (matrixKind) => dispatch({ type: "set", values: { matrixKind } }),
      })}
      <p class="note">${TEXTS[state.matrixKind]}</p>
    </div>
    ${content(state)}
  `;
}

function content(state) {
  const refusal = state.refusals.matrix;
  if (refusal) return html`<p class="message">${refusal}</p>`;
  const answer = answerOf(state, "matrix");
  if (answer === null || answer.kind !== state.matrixKind)
    return html`<p class="empty">Computing…</p>`;
  const lit = litIndex(state, answer);
  const isWindows = answer.kind === "im2col";
  const operand = { name: isWindows ? "Kernels" : "Input", values: answer.operand };
  const main = {
    name: isWindows ? "Windows" : "Kernel as a matrix",
    values: answer.values,
    rows: answer.row_labels,
    columns: answer.column_labels,
    lit: isWindows ? { column: lit } : { row: lit },
  };
  const product = {
    name: "Product, without bias",
    values: answer.product,
    lit: isWindows ? { column: lit } : { row: lit },
  };
  const [first, second] = isWindows ? [operand, main] : [main, operand];
  return html`<div class="product">
    ${table("", first, state.isDark)} ${table("·", second, state.isDark)}
    ${table("=", product, state.isDark)}
  </div>`;
}

/** The row or column of the output cell that is looked at. */
function litIndex(state, { kind }) {
  const cell = gridCell(state, "output");
  const result = answerOf(state, "result");
  if (cell === null || result === null) return null;
  const [rows, columns] = sizeOf(result.output);
  const place = cell.row * columns + cell.column;
  return kind === "im2col" ? place : state.output * rows * columns + place;
}

function table(sign, { name, values, rows, columns, lit = {} }, isDark) {
  const size = [values.length, values[0].length];
  const caption = `${name}, ${size.join(" × ")}`;
  const extent = extentOf(values);
  const colours = palette(isDark ? "dark" : "light", extent);
  const body = guard([values, isDark, lit.row, lit.column], () =>
    size[0] * size[1] <= CELLS_WITH_NUMBERS
      ? written(values, colours, rows, columns, lit, caption)
      : paintedMatrix(values, colours, size, lit, caption),
  );
  return html`<figure class="matrix">
    <figcaption><span class="sign" aria-hidden="true">${sign}</span> ${caption}</figcaption>
    <div class="scroll" tabindex="0" role="group" aria-label=${caption}>${body}</div>
  </figure>`;
}

function written(values, colours, rows, columns, lit, caption) {
  const mark = (i, j) => (lit.row === i || lit.column === j ? "is-lit" : "");
  return html`<table class="written" aria-label=${caption}>
    ${
      columns
        ? html`<thead>
          <tr>
            <td></td>
            ${columns.map((label) => html`<th scope="col">${label}</th>`)}
          </tr>
        </thead>`
        : nothing
    }
    <tbody>
      ${values.map(
        (row, i) => html`<tr>
          ${rows ? html`<th scope="row">${rows[i]}</th>` : nothing}
          ${row.map(
            (value, j) =>
              html`<td class=${mark(i, j)} style=${colours.style(value)} title=${shown(value)}>${short(value)}</td>`,
          )}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

function paintedMatrix(values, colours, size, lit, caption) {
  const zoom = Math.max(2, Math.min(10, Math.floor(900 / Math.max(...size))));
  const [height, width] = size;
  const band =
    lit.row !== undefined && lit.row !== null
      ? `inset:${(100 * lit.row) / height}% 0 auto 0;height:${100 / height}%`
      : lit.column !== undefined && lit.column !== null
        ? `inset:0 auto 0 ${(100 * lit.column) / width}%;width:${100 / width}%`
        : null;
  return html`<div class="big" role="img" aria-label=${caption} style="width:${width * zoom}px;height:${height * zoom}px">
    <canvas class="paint" ${painted({ values, colours, frame: NO_FRAME, size })}></canvas>
    ${band === null ? nothing : html`<div class="band" style=${band}></div>`}
  </div>`;
}
