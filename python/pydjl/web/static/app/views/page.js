import { html, nothing } from "../../vendor/lit-html.js";
import { answerOf } from "../selectors.js";
import { channelsView } from "./channels.js";
import { codeView } from "./code.js";
import { header } from "./header.js";
import { inputPanel } from "./input.js";
import { aboutKernel, kernelPanel } from "./kernel.js";
import { kernelsView } from "./kernels.js";
import { learningView } from "./learning.js";
import { matrixView } from "./matrix.js";
import { outputPanel } from "./output.js";
import { parameters } from "./parameters.js";
import { proof } from "./proof.js";
import { quizView } from "./quiz.js";
import { sizesView } from "./sizes.js";
import { sumView } from "./sum.js";
import { tabs } from "./tabs.js";

const VIEWS = [
  ["sum", "Sum", sumView],
  ["matrix", "As a matrix", matrixView],
  ["channels", "Channels", channelsView],
  ["kernels", "All kernels", kernelsView],
  ["learning", "Learning", learningView],
  ["sizes", "Sizes", sizesView],
  ["quiz", "Quiz", quizView],
  ["code", "Code", codeView],
];

/** The views that show nothing where nothing can be computed. */
const OF_THE_OUTPUT = new Set(["sum", "matrix", "channels", "sizes"]);

/** Fills for what overlays cross out, in the unit of a cell. */
const HATCHES = html`<svg class="hidden" aria-hidden="true">
  <defs>
    <pattern id="hatch" width="0.25" height="0.25" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path d="M0 0V0.25" stroke="var(--hatch)" stroke-width="0.09" />
    </pattern>
    <pattern id="cross" width="0.5" height="0.5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path d="M0 0V0.5M0 0H0.5" stroke="var(--ink)" stroke-width="0.05" />
    </pattern>
  </defs>
</svg>`;

/** The whole page for a state. */
export function page(state, dispatch, effects) {
  const result = answerOf(state, "result");
  const message = state.refusals.result ?? state.notice;
  const view = VIEWS.find(([name]) => name === state.view)[2];
  return html`
    ${header(state, dispatch, effects)} ${HATCHES}
    <main class=${state.refusals.result ? "is-refused" : ""}>
      ${parameters(state, dispatch)}
      <div class="stage">
        ${inputPanel(state, dispatch, effects)}
        <div class="operator star" aria-hidden="true">
          ${state.problem.operation === "convolution" ? "∗" : "⋆"}
        </div>
        ${kernelPanel(state, dispatch)}
        <div class="operator" aria-hidden="true">=</div>
        ${result ? outputPanel(state, dispatch) : nothing}
      </div>
      ${aboutKernel(state)} ${result ? proof(state) : nothing}
      ${tabs(state, dispatch, VIEWS, () => content(state, view, dispatch, effects))}
    </main>
    <footer>
      Every number is computed by the Deep Java Library on this machine; nothing leaves it.
      <span class="versions">${versions(state.catalog.versions)}</span>
    </footer>
    <div class="message-place" role="alert">
      ${message ? html`<p class="message">${message}</p>` : nothing}
    </div>
    <p class="hidden" role="status" aria-live="polite">${state.announcement}</p>
    ${state.toast ? html`<p class="toast" aria-hidden="true">${state.toast}</p>` : nothing}
  `;
}

function content(state, view, dispatch, effects) {
  if (OF_THE_OUTPUT.has(state.view)) {
    if (state.refusals.result) return html`<p class="empty">There is no output.</p>`;
    if (answerOf(state, "result") === null) return nothing;
  }
  return view(state, dispatch, effects);
}

function versions(table) {
  return Object.entries(table)
    .map(([name, version]) => `${name} ${version}`)
    .join(" · ");
}
