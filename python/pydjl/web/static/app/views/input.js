import { html, nothing } from "../../vendor/lit-html.js";
import { extentOf, palette } from "../colours.js";
import { paste } from "../keyboard.js";
import { shown } from "../numbers.js";
import { sizeOf } from "../problem.js";
import { answerOf, inputPreset, reachOf, stepOf } from "../selectors.js";
import { formatTable } from "../tables.js";
import { channels, choice, counter, decimal, menu, pair } from "./controls.js";
import { grid } from "./grid.js";

/** The input: its grid, and everything that fills it. */
export function inputPanel(state, dispatch, { loadPicture }) {
  const { problem, channel, brush, catalog } = state;
  const { limits } = catalog;
  const [rows, columns] = sizeOf(problem.input);
  return html`<section class="panel" aria-labelledby="input-title">
    <div class="panel-head">
      <h2 id="input-title">Input <var>X</var></h2>
      ${channels({
        name: "channel",
        legend: "Input channel",
        letter: "X",
        count: problem.input.length,
        value: channel,
        onChange: (value) => dispatch({ type: "set", values: { channel: value } }),
      })}
      <span class="size">${sizeText(problem.input)}</span>
    </div>
    <div class="frame">${inputGrid(state, dispatch)}</div>
    <p class="readout">${readout(state)}</p>
    <div class="controls">
      <div class="line">
        ${menu({
          label: "Input preset",
          value: inputPreset(state)?.name,
          text: "Your own input",
          options: catalog.inputs.map(({ name, title }) => [name, title]),
          onChange: (name) =>
            dispatch({
              type: "input/replaced",
              input: catalog.inputs.find((preset) => preset.name === name).values,
            }),
        })}
        <label class="button">
          Picture…
          <input
            type="file"
            class="hidden"
            accept="image/png,image/jpeg"
            @change=${(event) => {
              const [file] = event.target.files;
              if (file) loadPicture(file);
              event.target.value = "";
            }}
          />
        </label>
      </div>
      <div class="line">
        ${pair({
          label: "Size",
          value: [rows, columns],
          min: 1,
          max: limits.input,
          onChange: ([newRows, newColumns]) =>
            dispatch({ type: "input/resized", rows: newRows, columns: newColumns }),
        })}
        <fieldset class="pair">
          <legend>Channels</legend>
          ${counter({
            label: "Input channels",
            value: problem.input.length,
            min: 1,
            max: limits.channels,
            onChange: (value) => dispatch({ type: "input/channels", channels: value }),
          })}
        </fieldset>
        ${choice({
          name: "scale",
          legend: "Colours",
          value: state.scale,
          options: [
            ["signed", "Signed"],
            ["grey", "Grey"],
          ],
          onChange: (scale) => dispatch({ type: "set", values: { scale } }),
        })}
      </div>
      <div class="line">${brushControls(brush, dispatch)} ${pasteToggle(state, dispatch)}</div>
      ${state.pasting === null ? nothing : pasteForm(state, dispatch)}
    </div>
  </section>`;
}

function inputGrid(state, dispatch) {
  const { problem, channel, isDark } = state;
  const [rows, columns] = sizeOf(problem.input);
  const result = answerOf(state, "result");
  const frame = result?.padding;
  const step = result && stepOf(state);
  const reach = result && reachOf(state);
  const marks = [];
  if (step) {
    marks.push({
      name: "window",
      cells: step.rows.flatMap((row) => step.columns.map((column) => [row, column])),
    });
  }
  if (reach)
    marks.push({ name: "chosen", cells: [[reach.row + frame.top, reach.column + frame.left]] });
  const scale = state.scale === "grey" ? "grey" : isDark ? "dark" : "light";
  return grid({
    id: "input",
    label: `Input${problem.input.length > 1 ? `, channel ${channel}` : ""}, ${rows} rows, ${columns} columns`,
    values: problem.input[channel],
    colours: palette(scale, extentOf(problem.input)),
    active: state.active.input,
    editing: state.editing?.grid === "input" ? state.editing : null,
    frame,
    unused: result?.unused,
    marks,
    isEditable: true,
    isBrush: state.brush.isOn,
    room: roomOf(state),
    dispatch,
  });
}

function brushControls(brush, dispatch) {
  const change = (values) => dispatch({ type: "set", values: { brush: { ...brush, ...values } } });
  return html`<button
      type="button"
      aria-pressed=${brush.isOn}
      @click=${() => change({ isOn: !brush.isOn })}
    >
      Brush
    </button>
    <fieldset class="pair">
      <legend>Draws</legend>
      ${decimal({ label: "Value of the brush", value: brush.value, onChange: (value) => change({ value }) })}
    </fieldset>
    <fieldset class="pair">
      <legend>Width</legend>
      ${counter({
        label: "Width of the brush",
        value: brush.size,
        min: 1,
        max: 9,
        onChange: (size) => change({ size }),
      })}
    </fieldset>`;
}

function pasteToggle({ pasting, problem }, dispatch) {
  const toggle = () => {
    const text = pasting === null ? formatTable(problem.input) : null;
    dispatch({ type: "set", values: { pasting: text } });
  };
  return html`<button type="button" aria-expanded=${pasting !== null} @click=${toggle}>
    As text…
  </button>`;
}

function pasteForm(state, dispatch) {
  const apply = (event) => {
    event.preventDefault();
    if (paste("input", event.target.elements.table.value, roomOf(state), dispatch)) {
      dispatch({ type: "set", values: { pasting: null } });
    }
  };
  return html`<form class="paste" @submit=${apply}>
    <label for="table">Rows of numbers: from a spreadsheet, CSV, or JSON</label>
    <textarea id="table" name="table" rows="6" spellcheck="false" .value=${state.pasting}></textarea>
    <button type="submit">Apply</button>
  </form>`;
}

function roomOf({ catalog: { limits } }) {
  const channels = Array.from({ length: limits.channels }, (_, index) => index + 1);
  return { side: limits.input, channels };
}

/** What the cell that is looked at holds and reaches. */
function readout(state) {
  const reach = reachOf(state);
  if (reach === null) return "Point at a cell to see which outputs it reaches.";
  const value = state.problem.input[state.channel][reach.row]?.[reach.column];
  if (value === undefined) return "";
  const many = reach.cells.length === 1 ? "1 output cell" : `${reach.cells.length} output cells`;
  return html`<var>X</var>[${reach.row}, ${reach.column}] = <b>${shown(value)}</b> reaches ${many}`;
}

/** 3 × 6 × 8, or 6 × 8 for one channel. */
export function sizeText(values) {
  const size = sizeOf(values);
  return (values.length > 1 ? [values.length, ...size] : size).join(" × ");
}
