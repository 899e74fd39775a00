import { html, nothing } from "../../vendor/lit-html.js";
import { live } from "../../vendor/directives/live.js";
import { shown } from "../numbers.js";
import { answerOf } from "../selectors.js";
import { figure } from "./figure.js";

/** Eight questions, graded by the server. */
export function quizView(state, dispatch, { gradeQuiz }) {
  if (state.refusals.quiz) return html`<p class="message">${state.refusals.quiz}</p>`;
  const quiz = answerOf(state, "quiz");
  if (quiz === null || quiz.seed !== state.seed) return html`<p class="empty">Asking…</p>`;
  const { grading } = state;
  const submit = (event) => {
    event.preventDefault();
    gradeQuiz();
  };
  return html`<form class="quiz" @submit=${submit}>
    <ol>
      ${quiz.questions.map((question) => item(question, state, dispatch))}
    </ol>
    <div class="line">
      <button type="submit" class="primary">Grade my answers</button>
      <button type="button" @click=${() => dispatch({ type: "quiz/another" })}>Other questions</button>
      ${grading ? html`<b class="score" data-score=${grading.score}>${grading.score} of ${grading.of} are right</b>` : nothing}
    </div>
  </form>`;
}

function item(question, { replies, grading, isDark }, dispatch) {
  const { id, text, choices, problem } = question;
  const reply = (value) => dispatch({ type: "quiz/replied", id, value });
  const graded = grading?.results.find((result) => result.id === id);
  const parts = [
    ["Input", (problem ?? question).input?.[0]],
    ["Kernel", problem?.kernels[0][0] ?? question.kernel],
    ["Bias", problem && [problem.bias]],
    ["Output", question.output],
  ].filter(([, values]) => values);
  return html`<li data-question=${id} class=${graded ? (graded.is_right ? "is-right" : "is-wrong") : ""}>
    <p id="question-${id}">${text}</p>
    ${
      parts.length === 0
        ? nothing
        : html`<div class="equation">
          ${parts.map(
            ([name, values]) => html`<figure>
              ${figure({ label: name, values, isDark })}
              <figcaption>${name}</figcaption>
            </figure>`,
          )}
        </div>`
    }
    ${
      choices
        ? html`<div class="choices" role="radiogroup" aria-labelledby="question-${id}">
          ${choices.map(
            (option) => html`<label>
              <input
                type="radio"
                name="question-${id}"
                value=${option}
                .checked=${live(replies[id] === option)}
                @change=${() => reply(option)}
              />
              ${option}
            </label>`,
          )}
        </div>`
        : html`<input
          type="text"
          autocomplete="off"
          class="reply"
          aria-labelledby="question-${id}"
          .value=${live(replies[id] ?? "")}
          @input=${(event) => reply(event.target.value)}
        />`
    }
    ${
      graded
        ? html`<p class="verdict">
          <b>${graded.is_right ? "✓ Right." : `✗ The answer is ${answerText(graded.right)}.`}</b> ${graded.why}
        </p>`
        : nothing
    }
  </li>`;
}

function answerText(right) {
  return typeof right === "number" ? shown(right) : right;
}
