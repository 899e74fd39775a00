import { html } from "../../vendor/lit-html.js";
import { count } from "../numbers.js";
import { sizeOf } from "../problem.js";
import { answerOf } from "../selectors.js";

/** Where the sizes and counts come from. */
export function sizesView(state) {
  const { sizes, formula, padding, unused } = answerOf(state, "result");
  const { problem } = state;
  const [outputs, channels] = [problem.kernels.length, problem.kernels[0].length];
  const [height, width] = sizeOf(problem.kernels);
  const sides = ["top", "bottom", "left", "right"]
    .map((side) => `${side} ${padding[side]}`)
    .join(", ");
  const row = (name, value, text) => html`<tr>
    <th scope="row">${name}</th>
    <td class="value">${value}</td>
    <td>${text}</td>
  </tr>`;
  return html`<table class="sizes">
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col">Value</th>
        <th scope="col">Where it comes from</th>
      </tr>
    </thead>
    <tbody>
      ${row("Output rows", sizes.output[0], html`<code>${formula.rows}</code>`)}
      ${row("Output columns", sizes.output[1], html`<code>${formula.columns}</code>`)}
      ${row("Padding", sides, "zeros around the input, hatched in its grid")}
      ${row("Unused", `${unused.rows} rows, ${unused.columns} columns`, "at the bottom and the right: the size is rounded down")}
      ${row("Kernel's extent", sizes.kernel_extent.join(" × "), "dilation · (size − 1) + 1")}
      ${row("Receptive field", sizes.receptive_field.join(" × "), "the input cells that one output cell sees")}
      ${row("Parameters", count(sizes.parameters), `outputs · (channels · rows · columns of the kernel + 1) = ${outputs} · (${channels} · ${height} · ${width} + 1)`)}
      ${row("Multiplications", count(sizes.multiplications), `output cells · weights that each meets = ${outputs} · ${sizes.output.join(" · ")} · (${channels} · ${height} · ${width})`)}
      ${row("Dense layer", count(sizes.dense_parameters), "parameters of a dense layer between the same sizes")}
    </tbody>
  </table>`;
}
