import { html } from "../../vendor/lit-html.js";
import { extentOf } from "../colours.js";
import { shown } from "../numbers.js";
import { answerOf } from "../selectors.js";
import { figure } from "./figure.js";

/** Every input channel meets its own weights; the partial outputs add up. */
export function channelsView(state) {
  const { problem, isDark } = state;
  const result = answerOf(state, "result");
  const output = Math.min(state.output, result.output.length - 1);
  // The result may still be that of a moment ago, with more channels.
  const partials = result.partial[output].slice(0, problem.input.length);
  const extent = extentOf([...partials, result.output[output]]);
  const picture = (caption, label, values, full) => html`<figure>
    ${figure({ label, values, isDark, extent: full })}
    <figcaption>${caption}</figcaption>
  </figure>`;
  return html`<div class="channels">
    ${partials.map(
      (partial, channel) => html`<div class="equation">
        ${picture(html`<var>X</var><sub>${channel}</sub>`, `Input channel ${channel}`, problem.input[channel], extentOf(problem.input))}
        <span class="sign" aria-hidden="true">⋆</span>
        ${picture(
          html`<var>K</var><sub>${output},${channel}</sub>`,
          `Kernel of channel ${channel}`,
          result.applied_kernels[output][channel],
          extentOf(result.applied_kernels[output]),
        )}
        <span class="sign" aria-hidden="true">=</span>
        ${picture(`partial sum ${channel}`, `Partial sum of channel ${channel}`, partial, extent)}
      </div>`,
    )}
    <div class="equation total">
      <span class="sign">
        ${partials.map((_, channel) => (channel === 0 ? `partial ${channel}` : ` + partial ${channel}`))}
        + bias ${shown(problem.bias[output])} =
      </span>
      ${picture(html`<var>Y</var><sub>${output}</sub>`, `Output ${output}`, result.output[output], extent)}
    </div>
  </div>`;
}
