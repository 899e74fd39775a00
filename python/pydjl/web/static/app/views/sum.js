import { html } from "../../vendor/lit-html.js";
import { extentOf } from "../colours.js";
import { shown } from "../numbers.js";
import { stepOf } from "../selectors.js";
import { figure } from "./figure.js";

/** One output cell: its window, the products, and the sum in exact numbers. */
export function sumView(state) {
  const step = stepOf(state);
  if (step === null) {
    return html`<p class="empty">Choose an output cell: point at it, click it, or walk to it with the arrow keys.</p>`;
  }
  const { isDark, output, problem } = state;
  const several = problem.input.length > 1;
  const windowExtent = extentOf(problem.input);
  const kernelExtent = extentOf(step.kernel);
  const productExtent = extentOf(step.products);
  const each = (name, values, extent, channel) =>
    html`<figure>
      ${figure({ label: `${name}${several ? ` of channel ${channel}` : ""}`, values, isDark, extent })}
      <figcaption>${name}</figcaption>
    </figure>`;
  return html`
    <h3>
      <var>Y</var>${several || problem.kernels.length > 1 ? html`<sub>${output}</sub>` : ""}[${step.row},
      ${step.column}] = ${shown(step.output)}
    </h3>
    ${step.window.map(
      (window, channel) => html`<div class="equation">
        ${several ? html`<span class="term-name"><var>X</var><sub>${channel}</sub></span>` : ""}
        ${each("Window", window, windowExtent, channel)}
        <span class="sign" aria-hidden="true">⊙</span>
        ${each("Kernel", step.kernel[channel], kernelExtent, channel)}
        <span class="sign" aria-hidden="true">=</span>
        ${each("Products", step.products[channel], productExtent, channel)}
        <span class="sign" aria-hidden="true">→</span>
        <span class="channel-sum"><b>${shown(step.channel_sums[channel])}</b><span>sum</span></span>
      </div>`,
    )}
    <p class="exact" data-text="sum">${step.text}</p>
    <p class="note">
      ${step.bias === 0 ? "There is no bias." : html`The bias is ${shown(step.bias)}.`}
      ${
        step.agrees
          ? "The sum, added up here term by term, is what the layer gives."
          : html`Added up term by term in this order the sum is ${shown(step.sum)}; the layer adds in another order and rounds differently.`
      }
    </p>
  `;
}
