import { html } from "../../vendor/lit-html.js";
import { choice, pair } from "./controls.js";

/** How the kernel walks over the input. */
export function parameters({ problem, catalog: { limits } }, dispatch) {
  const change = (values) => dispatch({ type: "problem", values });
  return html`<section class="parameters" aria-label="Parameters">
    ${choice({
      name: "operation",
      legend: "Operation",
      value: problem.operation,
      options: [
        ["cross-correlation", "Cross-correlation"],
        ["convolution", "Convolution"],
      ],
      onChange: (operation) => change({ operation }),
    })}
    ${choice({
      name: "mode",
      legend: "Border",
      value: problem.mode,
      options: [
        ["valid", "Valid"],
        ["same", "Same"],
        ["full", "Full"],
        ["numbers", "Numbers"],
      ],
      onChange: (mode) => change({ mode }),
    })}
    ${pair({
      label: "Padding",
      value: problem.padding,
      min: 0,
      max: limits.padding,
      isDisabled: problem.mode !== "numbers",
      onChange: (padding) => change({ padding }),
    })}
    ${pair({
      label: "Stride",
      value: problem.stride,
      min: 1,
      max: limits.stride,
      onChange: (stride) => change({ stride }),
    })}
    ${pair({
      label: "Dilation",
      value: problem.dilation,
      min: 1,
      max: limits.dilation,
      onChange: (dilation) => change({ dilation }),
    })}
  </section>`;
}
