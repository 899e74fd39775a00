import { html } from "../../vendor/lit-html.js";
import { extentOf, gradient, palette } from "../colours.js";
import { short, shown } from "../numbers.js";
import { CALM_SPEEDS, SPEEDS } from "../player.js";
import { answerOf, reachOf, stepOf } from "../selectors.js";
import { channels } from "./controls.js";
import { grid } from "./grid.js";
import { sizeText } from "./input.js";

/** The output, its scale, and the animation. */
export function outputPanel(state, dispatch) {
  const result = answerOf(state, "result");
  // The result may still be that of a moment ago, with fewer channels.
  const channel = Math.min(state.output, result.output.length - 1);
  const extent = extentOf(result.output[channel]);
  return html`<section class="panel" aria-labelledby="output-title">
    <div class="panel-head">
      <h2 id="output-title">Output <var>Y</var></h2>
      ${channels({
        name: "shown-output",
        legend: "Output channel on screen",
        letter: "Y",
        count: result.output.length,
        value: channel,
        onChange: (value) => dispatch({ type: "set", values: { output: value } }),
      })}
      <span class="size">${sizeText(result.output)}</span>
    </div>
    <div class="frame">${outputGrid(state, result.output[channel], extent, dispatch)}</div>
    <p class="readout">${readout(state)}</p>
    <div class="controls">
      <div class="legend" role="img" aria-label="Colours from ${shown(-extent)} over 0 to ${shown(extent)}">
        <span>${short(-extent)}</span>
        <span class="bar" style="background:${gradient(state.isDark ? "dark" : "light")}"></span>
        <span>${short(extent)}</span>
      </div>
      ${player(state, result, dispatch)} ${unusedNote(result.unused)}
    </div>
  </section>`;
}

function outputGrid(state, values, extent, dispatch) {
  const {
    player: { status, index },
    isDark,
    problem,
  } = state;
  const step = stepOf(state);
  const reach = reachOf(state);
  const marks = [];
  if (step) marks.push({ name: "chosen", cells: [[step.row, step.column]] });
  if (reach) marks.push({ name: "reached", cells: reach.cells });
  const place = [
    Math.min(state.active.output[0], values.length - 1),
    Math.min(state.active.output[1], values[0].length - 1),
  ];
  return grid({
    id: "output",
    label: `Output${problem.kernels.length > 1 ? ` ${state.output}` : ""}, ${values.length} rows, ${values[0].length} columns`,
    values,
    colours: palette(isDark ? "dark" : "light", extent),
    active: place,
    marks,
    revealed: status === "idle" ? Infinity : index + 1,
    isEditable: false,
    dispatch,
  });
}

function readout(state) {
  const step = stepOf(state);
  if (step === null) return "Point at a cell to see where it comes from.";
  return html`<var>Y</var>[${step.row}, ${step.column}] = <b>${shown(step.output)}</b>`;
}

function player({ player: { status, index, speed }, isCalm }, { output }, dispatch) {
  const isPlaying = status === "playing";
  const speeds = isCalm ? CALM_SPEEDS : SPEEDS;
  const act = (type) => () => dispatch({ type });
  const total = output[0].length * output[0][0].length;
  const at = status === "idle" ? total : index + 1;
  return html`<div class="player" role="group" aria-label="Animation">
    <button
      type="button"
      class="play"
      aria-label=${isPlaying ? "Pause" : "Play"}
      @click=${act(isPlaying ? "player/pause" : "player/play")}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d=${isPlaying ? "M4 3h3v10H4zM9 3h3v10H9z" : "M4 2.5v11l9-5.5z"} />
      </svg>
    </button>
    <button type="button" @click=${act("player/step")}>Step</button>
    <button type="button" @click=${act("player/reset")}>Reset</button>
    <select
      aria-label="Speed in cells per second"
      @change=${(event) => dispatch({ type: "player/speed", speed: Number(event.target.value) })}
    >
      ${speeds.map(
        (each) => html`<option value=${each} ?selected=${each === speed}>${each}/s</option>`,
      )}
    </select>
    <span class="progress">${at} / ${total}</span>
  </div>`;
}

/** DJL and PyTorch round down: what a last, incomplete step would need stays unused. */
function unusedNote({ rows, columns }) {
  const parts = [
    [rows, "row", "rows"],
    [columns, "column", "columns"],
  ]
    .filter(([many]) => many > 0)
    .map(([many, one, more]) => `${many} ${many === 1 ? one : more}`);
  const text =
    parts.length === 0
      ? ""
      : `No window reaches the last ${parts.join(" and ")} of the input (crossed out): sizes are rounded down.`;
  return html`<p class="note">${text}</p>`;
}
