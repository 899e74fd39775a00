import { html } from "../../vendor/lit-html.js";
import { count, shown } from "../numbers.js";
import { answerOf, stepOf } from "../selectors.js";

/** What is on screen, computed three times, and the numbers of this layer. */
export function proof(state) {
  const {
    proof: { torch, numpy, engine },
    sizes,
  } = answerOf(state, "result");
  const step = stepOf(state);
  const value = (name) => html`<td data-cell=${name}>${step ? shown(step[name]) : "–"}</td>`;
  return html`<section class="strip" aria-label="Proof and sizes">
    <table class="proof">
      <caption>Computed three times</caption>
      <thead>
        <tr>
          <td></td>
          <th scope="col">DJL</th>
          <th scope="col">PyTorch</th>
          <th scope="col">NumPy</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">
            ${step ? html`<var>Y</var>[${step.row}, ${step.column}]` : "One cell"}
          </th>
          ${value("output")} ${value("torch")} ${value("numpy")}
        </tr>
        <tr>
          <th scope="row">All cells</th>
          <td>
            <b>on screen</b>
            <span>${engine}</span>
          </td>
          <td data-proof="torch">${agreement(torch)}</td>
          <td data-proof="numpy">${agreement(numpy)}</td>
        </tr>
      </tbody>
    </table>
    <dl class="numbers">
      ${number("Output", sizes.output.join(" × "))}
      ${number("Receptive field", sizes.receptive_field.join(" × "))}
      ${number("Parameters", count(sizes.parameters))}
      ${number("Multiplications", count(sizes.multiplications))}
      ${number("Dense layer", `${count(sizes.dense_parameters)}`)}
    </dl>
  </section>`;
}

function agreement({ maximum_difference: difference, is_bit_equal: isBitEqual }) {
  return html`<b>max |Δ| = ${shown(Number(difference.toPrecision(3)))}</b>
    <span>${isBitEqual ? "✓ equal to the last bit" : "differs by rounding"}</span>`;
}

function number(name, value) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
