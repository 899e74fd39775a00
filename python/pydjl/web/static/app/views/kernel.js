import { html, nothing } from "../../vendor/lit-html.js";
import { extentOf, palette } from "../colours.js";
import { sizeOf } from "../problem.js";
import { answerOf, kernelPreset } from "../selectors.js";
import { channels, counter, decimal, menu, pair, subscript } from "./controls.js";
import { figure } from "./figure.js";
import { grid } from "./grid.js";

/** The kernel: its weights for the channel and the output on screen, and the gallery. */
export function kernelPanel(state, dispatch) {
  const { problem, output, channel, catalog } = state;
  const [rows, columns] = sizeOf(problem.kernels);
  const preset = kernelPreset(state);
  return html`<section class="panel" aria-labelledby="kernel-title">
    <div class="panel-head">
      <h2 id="kernel-title">Kernel <var>K</var></h2>
      ${channels({
        name: "output",
        legend: "Output channel",
        letter: "Y",
        count: problem.kernels.length,
        value: output,
        onChange: (value) => dispatch({ type: "set", values: { output: value } }),
      })}
      <span class="size">${kernelSize(problem.kernels)}</span>
    </div>
    <div class="frame kernel-frame">${kernelGrid(state, dispatch)} ${turned(state)}</div>
    <p class="readout">
      ${
        problem.input.length > 1
          ? html`The weights that meet <var>X</var>${subscript(channel)}.`
          : "Click a cell twice, or type, to edit it."
      }
    </p>
    <div class="controls">
      <div class="line">
        ${menu({
          label: "Kernel preset",
          value: preset?.name,
          text: "Your own kernel",
          options: catalog.kernels.map(({ name }) => [name, name]),
          onChange: (name) =>
            dispatch({
              type: "kernel/preset",
              weights: catalog.kernels.find((kernel) => kernel.name === name).weights,
            }),
        })}
      </div>
      <div class="line">
        ${pair({
          label: "Size",
          value: [rows, columns],
          min: 1,
          max: catalog.limits.kernel,
          onChange: ([newRows, newColumns]) =>
            dispatch({ type: "kernel/resized", rows: newRows, columns: newColumns }),
        })}
        <fieldset class="pair">
          <legend>Outputs</legend>
          ${counter({
            label: "Output channels",
            value: problem.kernels.length,
            min: 1,
            max: catalog.limits.kernels,
            onChange: (outputs) => dispatch({ type: "kernel/outputs", outputs }),
          })}
        </fieldset>
        <fieldset class="pair">
          <legend>Bias</legend>
          ${decimal({
            label: "Bias",
            value: problem.bias[output],
            onChange: (value) => dispatch({ type: "kernel/bias", value }),
          })}
        </fieldset>
      </div>
    </div>
  </section>`;
}

/** What the gallery says about the kernel on screen. */
export function aboutKernel(state) {
  const preset = kernelPreset(state);
  const part = (name, text, className = "") =>
    html`<div>
      <dt>${name}</dt>
      <dd class=${className}>${text}</dd>
    </div>`;
  return html`<dl class="about" aria-label="About the kernel">
    ${
      preset
        ? html`${part("Formula", preset.formula, "formula")} ${part("Use", preset.use)}
        ${part("Effect", preset.effect)}`
        : part("Your own weights", "Choose a preset to read its formula, its use and its effect.")
    }
  </dl>`;
}

function kernelGrid(state, dispatch) {
  const { problem, output, channel, isDark, catalog } = state;
  const [rows, columns] = sizeOf(problem.kernels);
  return grid({
    id: "kernel",
    label: `Kernel for output ${output}, channel ${channel}, ${rows} rows, ${columns} columns`,
    values: problem.kernels[output][channel],
    colours: palette(isDark ? "dark" : "light", extentOf(problem.kernels[output])),
    active: state.active.kernel,
    editing: state.editing?.grid === "kernel" ? state.editing : null,
    isEditable: true,
    // One plane for the channel on screen, or one for each.
    room: { side: catalog.limits.kernel, channels: [...new Set([1, problem.input.length])] },
    dispatch,
  });
}

/** A convolution turns the kernel by 180° before it walks. */
function turned(state) {
  if (state.problem.operation !== "convolution") return nothing;
  const kernel = answerOf(state, "result")?.applied_kernels[state.output]?.[state.channel];
  if (kernel === undefined) return html`<div class="turned"></div>`;
  return html`<div class="turned">
    <span>turned by 180°</span>
    ${figure({
      label: "The kernel turned by 180°",
      values: kernel,
      isDark: state.isDark,
      extent: extentOf(state.problem.kernels[state.output]),
    })}
  </div>`;
}

function kernelSize(kernels) {
  const size = sizeOf(kernels);
  const outer =
    kernels.length > 1 || kernels[0].length > 1 ? [kernels.length, kernels[0].length] : [];
  return [...outer, ...size].join(" × ");
}
