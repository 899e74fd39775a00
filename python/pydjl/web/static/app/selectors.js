/** Questions about the state that several modules ask. */

/** Whether the result on screen is that of the problem on screen. */
export function isFresh(state) {
  return state.answers.result?.question[0] === state.problem;
}

/** The answer of the server under a name, or null. */
export function answerOf(state, name) {
  return state.answers[name]?.answer ?? null;
}

/** The cell of a grid that is looked at: under the pointer, else the one that was chosen. */
export function gridCell(state, grid) {
  const looked =
    state.player.status !== "playing" && state.hover !== null ? state.hover : state.selection;
  return looked?.grid === grid ? looked : null;
}

/**
 * The step of the output cell that is looked at. Until the server has answered it is the one
 * before, so that nothing flickers.
 */
export function stepOf(state) {
  const answered = state.answers.step;
  if (gridCell(state, "output") === null || !answered || state.refusals.result) return null;
  const [, output, row, column] = answered.question;
  if (output !== state.output) return null;
  return { ...answered.answer, row, column };
}

/** The output cells that the input cell reaches, and that cell; the ones before in between. */
export function reachOf(state) {
  const answered = state.answers.reach;
  if (gridCell(state, "input") === null || !answered || state.refusals.result) return null;
  const [, row, column] = answered.question;
  return { cells: answered.answer.cells, row, column };
}

/** The preset that the input is, or undefined. */
export function inputPreset(state) {
  return state.catalog.inputs.find((preset) => isSame(preset.values, state.problem.input));
}

/** The kernel of the gallery that is on screen, or undefined. */
export function kernelPreset(state) {
  const kernel = state.problem.kernels[state.output];
  return state.catalog.kernels.find((preset) =>
    kernel.every((channel) => isSame(preset.weights, channel)),
  );
}

/** The rows and columns of a grid that one can walk through. */
export function extentOfGrid(state, grid) {
  const table = {
    input: () => state.problem.input[state.channel],
    kernel: () => state.problem.kernels[state.output][state.channel],
    output: () => answerOf(state, "result").output[state.output],
  }[grid]();
  return [table.length, table[0].length];
}

function isSame(one, other) {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other)) return false;
  return one.length === other.length && one.every((part, index) => isSame(part, other[index]));
}
