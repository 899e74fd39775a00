import { html, nothing, svg } from "../../vendor/lit-html.js";
import { guard } from "../../vendor/directives/guard.js";
import { keyed } from "../../vendor/directives/keyed.js";
import { live } from "../../vendor/directives/live.js";
import { editorKeys, gridKeys, gridPaste } from "../keyboard.js";
import { exact, short, shown } from "../numbers.js";
import { gridPointer } from "../pointer.js";
import { NO_FRAME, painted } from "./painted.js";

/** Up to so many cells a grid is made of elements with numbers in them; above, it is painted. */
const CELLS_WITH_NUMBERS = 400;
const COLUMNS_WITH_NUMBERS = 20;

/**
 * A grid of numbers that one walks through, and edits where that is allowed.
 *
 * @param {object} spec
 * @param {string} spec.id input, kernel or output
 * @param {string} spec.label for a screen reader
 * @param {number[][]} spec.values
 * @param {{style: Function, rgb: Function}} spec.colours
 * @param {number[]} spec.active the cell that the Tab key comes to
 * @param {object} [spec.frame] padding around the values: top, left, bottom, right
 * @param {{rows: number, columns: number}} [spec.unused] rows and columns that no window reaches
 * @param {{name: string, cells: number[][]}[]} [spec.marks] cells to light up, counted with the frame
 * @param {{text: string|null}|null} [spec.editing]
 * @param {number} [spec.revealed] how many cells are shown; the rest waits for the animation
 * @param {{side: number, channels: number[]}} [spec.room] for what is pasted, where one edits
 * @param {Function} spec.dispatch
 */
export function grid(spec) {
  const { id, values, frame = NO_FRAME, active, editing = null, revealed = Infinity } = spec;
  const cells = [values.length, values[0].length];
  const size = [frame.top + cells[0] + frame.bottom, frame.left + cells[1] + frame.right];
  const whole = { ...spec, frame, cells, size, editing, revealed };
  const isSmall = size[0] * size[1] <= CELLS_WITH_NUMBERS && size[1] <= COLUMNS_WITH_NUMBERS;
  const on = gridPointer(id, whole);
  const body = [
    values,
    spec.colours,
    String(size),
    String(active),
    editing,
    revealed,
    spec.isBrush,
  ];
  return html`
    <div
      class="grid ${spec.isBrush ? "is-brush" : ""}"
      style="--rows:${size[0]};--columns:${size[1]}"
      data-grid=${id}
      @pointerdown=${on.down}
      @pointermove=${on.move}
      @pointerup=${on.up}
      @pointercancel=${on.up}
      @pointerleave=${on.leave}
      @click=${on.click}
      @keydown=${gridKeys(id, spec)}
      @paste=${spec.isEditable ? gridPaste(id, spec) : nothing}
      @focusin=${(event) => moveToFocus(event, id, spec.dispatch)}
    >
      ${guard(body, () => (isSmall ? elements(whole) : picture(whole)))}
      ${overlay(whole)}
    </div>
  `;
}

/** The cell that gets the focus, by whatever means, is the active one. */
function moveToFocus({ target }, id, dispatch) {
  if (target.getAttribute("role") !== "gridcell") return;
  const row = Number(target.parentElement.getAttribute("aria-rowindex")) - 1;
  const column = Number(target.getAttribute("aria-colindex")) - 1;
  dispatch({ type: "grid/moved", grid: id, row, column });
}

function gridElement({ label, cells, isEditable }, className, content) {
  return html`<div
    role="grid"
    class=${className}
    aria-label=${label}
    aria-rowcount=${cells[0]}
    aria-colcount=${cells[1]}
    aria-readonly=${isEditable ? "false" : "true"}
  >
    ${content}
  </div>`;
}

function elements(spec) {
  const { values, frame, size, colours, active, revealed, cells } = spec;
  const texts = values.map((row) => row.map((value) => short(value, digitsFor(size[1]))));
  const longest = Math.max(3, ...texts.flat().map((text) => text.length));
  const padding = (columns) =>
    columns > 0
      ? html`<div class="pad" aria-hidden="true" style="grid-column:span ${columns}"></div>`
      : nothing;
  const edge = (rows) =>
    rows > 0
      ? html`<div class="pad" aria-hidden="true" style="grid-area:span ${rows}/span ${size[1]}"></div>`
      : nothing;
  const content = html`
    ${edge(frame.top)}
    ${values.map(
      (row, i) => html`<div role="row" aria-rowindex=${i + 1}>
        ${padding(frame.left)}
        ${row.map((value, j) => {
          const isActive = active[0] === i && active[1] === j;
          const isHidden = i * cells[1] + j >= revealed;
          const editor = isActive && spec.editing !== null ? editorOf(spec, value) : null;
          return html`<div
            role="gridcell"
            aria-colindex=${j + 1}
            tabindex=${isActive ? 0 : -1}
            class=${isHidden ? "is-hidden" : ""}
            style=${colours.style(value)}
            title=${texts[i][j] === shown(value) ? nothing : shown(value)}
          >${editor ?? texts[i][j]}</div>`;
        })}
        ${padding(frame.right)}
      </div>`,
    )}
    ${edge(frame.bottom)}
  `;
  const className = `cells ${size[1] > 12 ? "is-dense" : ""}`;
  return html`<div class="sized" style="--longest:${longest}">
    ${gridElement(spec, className, content)}
  </div>`;
}

/** A painted grid; of its cells only the active one is an element. */
function picture(spec) {
  const { values, frame, size, active, colours, revealed } = spec;
  const [row, column] = active;
  const value = values[row][column];
  const place = `--row:${row + frame.top};--column:${column + frame.left}`;
  const cell = html`<div role="row" aria-rowindex=${row + 1}>
    ${keyed(
      `${row},${column}`,
      html`<div role="gridcell" class="lone" aria-colindex=${column + 1} tabindex="0" style=${place}>
        ${spec.editing === null ? html`<span class="hidden">${shown(value)}</span>` : editorOf(spec, value)}
      </div>`,
    )}
  </div>`;
  return html`
    <canvas class="paint" ${painted({ values, colours, frame, size, revealed })}></canvas>
    ${gridElement(spec, "lone-cell", cell)}
  `;
}

function editorOf({ id, editing, dispatch, active }, value) {
  return html`<input
    class="editor"
    type="text"
    inputmode="decimal"
    autocomplete="off"
    aria-label="Value at row ${active[0] + 1}, column ${active[1] + 1}"
    .value=${live(editing.text ?? exact(value))}
    @keydown=${editorKeys(id, dispatch)}
    @blur=${(event) => dispatch({ type: "grid/committed", grid: id, text: event.target.value })}
  />`;
}

/** What is lit up, above the cells. */
function overlay({ frame, size, cells, unused, marks = [] }) {
  const [rows, columns] = size;
  const isFramed = frame.top + frame.left + frame.bottom + frame.right > 0;
  const inner = `M${frame.left} ${frame.top}h${cells[1]}v${cells[0]}h${-cells[1]}z`;
  const around = `M0 0h${columns}v${rows}h${-columns}z${inner}`;
  const beyond = unused
    ? `M0 ${rows - unused.rows}h${columns}v${unused.rows}h${-columns}z` +
      `M${columns - unused.columns} 0h${unused.columns}v${rows - unused.rows}h${-unused.columns}z`
    : "";
  return html`<svg class="overlay" viewBox="0 0 ${columns} ${rows}" aria-hidden="true">
    ${isFramed ? svg`<path class="padding" fill-rule="evenodd" d=${around} /><path class="edge" d=${inner} />` : nothing}
    ${unused && unused.rows + unused.columns > 0 ? svg`<path class="unused" d=${beyond} />` : nothing}
    ${marks.map(({ name, cells: lit }) => {
      const outline = outlineOf(lit);
      return svg`<g class="mark ${name}" data-cells=${lit.map(String).join(" ")}>
        <path class="halo" d=${outline} /><path class="line" d=${outline} />
      </g>`;
    })}
  </svg>`;
}

/** The border of a set of cells, without the edges between them. */
function outlineOf(cells) {
  const keys = new Set(cells.map(String));
  const has = (row, column) => keys.has(`${row},${column}`);
  const edges = [];
  for (const [row, column] of cells) {
    if (!has(row - 1, column)) edges.push(`M${column} ${row}h1`);
    if (!has(row + 1, column)) edges.push(`M${column} ${row + 1}h1`);
    if (!has(row, column - 1)) edges.push(`M${column} ${row}v1`);
    if (!has(row, column + 1)) edges.push(`M${column + 1} ${row}v1`);
  }
  return edges.join("");
}

function digitsFor(columns) {
  return columns > 12 ? 2 : 3;
}
