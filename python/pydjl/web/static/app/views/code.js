import { html } from "../../vendor/lit-html.js";
import { answerOf } from "../selectors.js";
import { choice } from "./controls.js";

const LANGUAGES = [
  ["java", "Java (DJL)"],
  ["torch", "Python (PyTorch)"],
  ["numpy", "NumPy"],
];

/** The same computation as a program that runs as it is. */
export function codeView(state, dispatch, { copy }) {
  const refusal = state.refusals.code;
  if (refusal) return html`<p class="message">${refusal}</p>`;
  const code = answerOf(state, "code");
  if (code === null) return html`<p class="empty">Writing…</p>`;
  const text = code[state.language];
  return html`<div class="code">
    <div class="line">
      ${choice({
        name: "language",
        legend: "Language",
        value: state.language,
        options: LANGUAGES,
        onChange: (language) => dispatch({ type: "set", values: { language } }),
      })}
      <button type="button" @click=${() => copy(text, "The program is on the clipboard.")}>Copy</button>
    </div>
    <pre tabindex="0" aria-label="Program"><code>${text}</code></pre>
  </div>`;
}
