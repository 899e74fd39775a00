import { html, nothing } from "../../vendor/lit-html.js";
import { guard } from "../../vendor/directives/guard.js";
import { short } from "../numbers.js";
import { answerOf, kernelPreset } from "../selectors.js";
import { figure } from "./figure.js";

/** Every kernel of the gallery on the same input. */
export function kernelsView(state, dispatch) {
  const refusal = state.refusals.gallery;
  if (refusal) return html`<p class="message">${refusal}</p>`;
  const entries = answerOf(state, "gallery");
  if (entries === null) return html`<p class="empty">Computing…</p>`;
  const chosen = kernelPreset(state)?.name;
  return guard([entries, chosen, state.isDark], () => {
    const kernels = new Map(state.catalog.kernels.map((kernel) => [kernel.name, kernel]));
    return html`<ul class="gallery">
      ${entries.map((entry) => card(entry, kernels.get(entry.name), entry.name === chosen, state, dispatch))}
    </ul>`;
  });
}

function card(
  { name, output, reason, is_signed: isSigned },
  kernel,
  isChosen,
  { isDark },
  dispatch,
) {
  return html`<li class=${isChosen ? "is-chosen" : ""}>
    <button
      type="button"
      aria-label="Use ${name}"
      aria-current=${isChosen ? "true" : nothing}
      @click=${() => dispatch({ type: "kernel/preset", weights: kernel.weights })}
    >
      ${
        output
          ? figure({ label: `Output of ${name}`, values: output, isDark, hasNumbers: false })
          : html`<span class="reason">${reason}</span>`
      }
      <b>${name}</b>
      <span>${kernel.use}</span>
      <span class="range">${output ? rangeOf(output) : ""}${isSigned ? " · signed" : ""}</span>
    </button>
  </li>`;
}

function rangeOf(output) {
  const values = output.flat();
  return `${short(Math.min(...values))} … ${short(Math.max(...values))}`;
}
