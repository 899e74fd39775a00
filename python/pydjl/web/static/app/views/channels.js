import { html } from "../../vendor/lit-html.js";
import { extentOf } from "../colours.js";
import { shown } from "../numbers.js";
import { answerOf, isFresh } from "../selectors.js";
import { figure } from "./figure.js";

/** Every input channel meets its own weights; the partial outputs add up. */
export function channelsView(state) {
  if (!isFresh(state)) return html`<p class="empty">Computing…</p>`;
  const { problem, isDark, output } = state;
  const result = answerOf(state, "result");
  const extent = extentOf([...result.partial[output], result.output[output]]);
  const picture = (caption, label, values, full) => html`<figure>
    ${figure({ label, values, isDark, extent: full })}
    <figcaption>${caption}</figcaption>
  </figure>`;
  return html`<div class="channels">
    ${result.partial[output].map(
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
        ${result.partial[output].map((_, channel) => (channel === 0 ? `partial ${channel}` : ` + partial ${channel}`))}
        + bias ${shown(problem.bias[output])} =
      </span>
      ${picture(html`<var>Y</var><sub>${output}</sub>`, `Output ${output}`, result.output[output], extent)}
    </div>
  </div>`;
}
