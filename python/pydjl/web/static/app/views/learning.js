import { html, nothing } from "../../vendor/lit-html.js";
import { extentOf } from "../colours.js";
import { shown } from "../numbers.js";
import { answerOf } from "../selectors.js";
import { chart } from "./chart.js";
import { choice, counter } from "./controls.js";
import { fieldValue } from "./field.js";
import { figure } from "./figure.js";

/** A kernel that is learned from what the kernel on screen makes of the input on screen. */
export function learningView(state, dispatch) {
  const { learning } = state;
  const change = (values) =>
    dispatch({ type: "set", values: { learning: { ...learning, ...values } } });
  const answer = answerOf(state, "learning");
  return html`
    <p class="note">
      DJL learns the kernel on screen from the input and its output alone, by gradient descent on the
      squared error.
    </p>
    <div class="line">
      <fieldset class="pair">
        <legend>Learning rate</legend>
        <input
          type="number"
          min="0"
          step="any"
          class="wide"
          aria-label="Learning rate"
          ${fieldValue(learning.rate ?? answer?.learning_rate ?? "")}
          @change=${(event) => {
            const rate = event.target.valueAsNumber;
            change({ rate: rate > 0 ? rate : null });
          }}
        />
        ${
          answer?.stable_rate
            ? html`<span class="aside">stable below ${shown(Number(answer.stable_rate.toPrecision(3)))}</span>`
            : nothing
        }
      </fieldset>
      <fieldset class="pair">
        <legend>Steps</legend>
        ${counter({ label: "Steps of learning", value: learning.steps, min: 1, max: state.catalog.limits.steps, onChange: (steps) => change({ steps }) })}
      </fieldset>
      ${choice({
        name: "accumulate",
        legend: "Gradients",
        value: learning.accumulate,
        options: [
          [false, "Set to zero"],
          [true, "Accumulate"],
        ],
        onChange: (accumulate) => change({ accumulate }),
      })}
    </div>
    ${
      state.refusals.learning
        ? html`<p class="message">${state.refusals.learning}</p>`
        : answer === null
          ? html`<p class="empty">Learning…</p>`
          : learned(state, answer, dispatch)
    }
  `;
}

function learned(state, answer, dispatch) {
  const { isDark, problem, output, channel } = state;
  const last = answer.losses.length - 1;
  const at = Math.min(state.learningStep ?? last, last);
  const truth = problem.kernels[output][channel];
  const extent = extentOf(truth);
  const kernel = answer.kernels[at];
  const each = (caption, values) =>
    html`<figure>
      ${figure({ label: caption, values, isDark, extent })}
      <figcaption>${caption}</figcaption>
    </figure>`;
  return html`<div class="learning">
    <div class="curve-side">
      ${chart({
        label: `Loss by step: from ${text(answer.losses[0])} to ${text(answer.losses[last])}`,
        curves: [
          { name: "djl", values: answer.losses },
          { name: "closed", values: answer.closed_form_losses },
        ],
        at,
      })}
      <ul class="key">
        <li class="djl">DJL ${answer.bit_equal ? "= PyTorch, to the last bit" : "(PyTorch differs by rounding)"}</li>
        <li class="closed">closed form: what gradient descent must give</li>
      </ul>
      <label class="scrub">
        Step
        <input
          type="range"
          min="0"
          max=${last}
          .value=${String(at)}
          @input=${(event) => dispatch({ type: "set", values: { learningStep: event.target.valueAsNumber } })}
        />
        <output>${at + 1} of ${last + 1}: loss ${text(answer.losses[at])}</output>
      </label>
      ${
        answer.diverged === null
          ? nothing
          : html`<p class="message">
            It diverges: from step ${answer.diverged} on the loss is no number any more. Take a smaller
            learning rate.
          </p>`
      }
    </div>
    <div class="kernels-side">
      ${kernel === null ? html`<figure><p class="empty">no numbers any more</p></figure>` : each(`Learned after step ${at + 1}`, kernel)}
      ${each("Closed form (least squares)", answer.closed_form)} ${each("Truth", truth)}
      <p class="note">The least loss of all is ${text(answer.closed_form_loss)}.</p>
    </div>
  </div>`;
}

function text(loss) {
  return loss === null ? "no number" : shown(Number(loss.toPrecision(4)));
}
