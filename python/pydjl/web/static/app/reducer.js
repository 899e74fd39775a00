import { parseNumber, shown } from "./numbers.js";
import * as change from "./problem.js";
import { answerOf, extentOfGrid } from "./selectors.js";

/** The state before anything happened. */
export function initialState({ catalog, problem, theme, isDark, isCalm }) {
  return {
    catalog,
    problem,
    theme,
    isDark,
    isCalm,
    channel: 0,
    output: 0,
    hover: null,
    selection: { grid: "output", row: 0, column: 0 },
    active: { input: [0, 0], kernel: [0, 0], output: [0, 0] },
    editing: null,
    brush: { isOn: false, value: 1, size: 1 },
    scale: "signed",
    answers: {},
    refusals: {},
    view: "sum",
    matrixKind: "im2col",
    learning: { rate: null, steps: 60, accumulate: false },
    learningStep: null,
    seed: 1,
    replies: {},
    grading: null,
    language: "java",
    player: { status: "idle", index: 0, speed: isCalm ? 1 : 2 },
    pasting: null,
    toast: null,
    notice: null,
    announcement: "",
  };
}

const clamp = (value, lowest, highest) => Math.min(highest, Math.max(lowest, value));

/** What each action does. */
const handlers = {
  /** Some fields of the state are others. */
  set: (state, { values }) => ({ ...state, ...values }),

  /** Some fields of the problem are others. */
  problem: (state, { values }) => withProblem(state, { ...state.problem, ...values }),

  "problem/loaded": (state, { problem, values }) => {
    const { selection } = values;
    const cell = selection && { [selection.grid]: [selection.row, selection.column] };
    return withProblem({ ...state, ...values, active: { ...state.active, ...cell } }, problem);
  },

  "input/replaced": (state, { input }) => ({
    ...withProblem(state, change.withInput(state.problem, input)),
    scale: isPicture(input) ? "grey" : "signed",
  }),

  "input/resized": (state, { rows, columns }) =>
    withProblem(state, change.withInputSize(state.problem, rows, columns)),

  "input/channels": (state, { channels }) =>
    withProblem(state, change.withChannels(state.problem, channels)),

  "input/painted": (state, { cells }) => {
    const { size, value } = state.brush;
    const [rows, columns] = extentOfGrid(state, "input");
    const dab = cells
      .flatMap(([row, column]) => squareAround(row, column, size))
      .filter(([row, column]) => row >= 0 && row < rows && column >= 0 && column < columns);
    return withTable(state, "input", dab, value);
  },

  "kernel/preset": (state, { weights }) =>
    withProblem(state, change.withPreset(state.problem, state.output, weights)),

  "kernel/resized": (state, { rows, columns }) =>
    withProblem(state, change.withKernelSize(state.problem, rows, columns)),

  "kernel/outputs": (state, { outputs }) =>
    withProblem(state, change.withOutputs(state.problem, outputs)),

  "kernel/bias": (state, { value }) =>
    withProblem(state, {
      ...state.problem,
      bias: change.replaced(state.problem.bias, state.output, value),
    }),

  "grid/hovered": (state, { cell }) =>
    state.editing !== null || isSameCell(state.hover, cell) ? state : { ...state, hover: cell },

  "grid/moved": (state, { grid, row, column }) => moved(state, grid, row, column),

  "grid/walked": (state, { grid, by }) => {
    const [row, column] = state.active[grid];
    return moved(state, grid, row + by[0], column + by[1]);
  },

  "input/dabbed": (state) => handlers["input/painted"](state, { cells: [state.active.input] }),

  "grid/editing": (state, { grid, text }) => ({ ...state, hover: null, editing: { grid, text } }),

  "grid/cancelled": (state) => ({ ...state, editing: null }),

  "grid/committed": (state, { grid, text }) => {
    if (state.editing === null) return state;
    const value = parseNumber(text);
    if (value === null) {
      return {
        ...state,
        editing: null,
        notice: `“${text}” is not a number; the cell stays as it was.`,
      };
    }
    return { ...withTable(state, grid, [state.active[grid]], value), editing: null };
  },

  /** A pasted table replaces what the grid shows; a single number goes into the active cell. */
  "grid/pasted": (state, { grid, channels }) => {
    const [rows, columns] = change.sizeOf(channels);
    if (channels.length * rows * columns === 1) {
      return withTable(state, grid, [state.active[grid]], channels[0][0][0]);
    }
    if (grid === "input") return withProblem(state, change.withInput(state.problem, channels));
    const { problem, output, channel } = state;
    const sized = change.withKernelSize(problem, rows, columns);
    return withProblem(
      state,
      channels.length === 1
        ? change.withKernel(sized, output, channel, channels[0])
        : { ...sized, kernels: change.replaced(sized.kernels, output, channels) },
    );
  },

  answered: (state, { name, answer, question }) => {
    const answers = { ...state.answers, [name]: { answer, question } };
    const next = { ...state, answers, refusals: { ...state.refusals, [name]: null } };
    return (after[name] ?? ((same) => same))(next, answer);
  },

  refused: (state, { name, message }) => ({
    ...state,
    refusals: { ...state.refusals, [name]: message },
  }),

  "player/play": (state) => atIndex(state, restIndex(state), "playing"),
  "player/pause": (state) => ({ ...state, player: { ...state.player, status: "paused" } }),
  "player/step": (state) =>
    atIndex(state, state.player.status === "idle" ? 0 : state.player.index + 1, "paused"),
  "player/tick": (state) => atIndex(state, state.player.index + 1, "playing"),
  "player/reset": (state) => ({
    ...atIndex(state, 0, "idle"),
    player: { ...state.player, status: "idle", index: 0 },
  }),
  "player/speed": (state, { speed }) => ({ ...state, player: { ...state.player, speed } }),

  "quiz/replied": (state, { id, value }) => ({
    ...state,
    replies: { ...state.replies, [id]: value },
  }),
  "quiz/graded": (state, { grading }) => ({
    ...state,
    grading,
    announcement: `${grading.score} of ${grading.of} answers are right.`,
  }),
  "quiz/another": (state) => ({ ...state, seed: state.seed + 1, replies: {}, grading: null }),
};

/** What else changes with an answer. */
const after = {
  result: (state, { output }) => {
    const [rows, columns] = change.sizeOf(output);
    const [row, column] = state.active.output;
    const place = [Math.min(row, rows - 1), Math.min(column, columns - 1)];
    const { selection } = state;
    const isLost =
      selection?.grid === "output" && (selection.row >= rows || selection.column >= columns);
    return {
      ...state,
      hover: state.hover?.grid === "output" ? null : state.hover,
      active: { ...state.active, output: place },
      selection: isLost ? { grid: "output", row: place[0], column: place[1] } : selection,
    };
  },
  step: (state, { output, text }) =>
    state.hover !== null || state.player.status === "playing" || state.selection === null
      ? state
      : {
          ...state,
          announcement: `Output row ${state.selection.row}, column ${state.selection.column}: ${shown(output)}. ${text}`,
        },
  reach: (state, { cells }) =>
    state.hover !== null || state.selection === null
      ? state
      : {
          ...state,
          announcement: `Input row ${state.selection.row}, column ${state.selection.column} reaches ${cells.length} output cells.`,
        },
  learning: (state) => ({ ...state, learningStep: null }),
};

/** The one reducer. */
export function reduce(state, action) {
  return handlers[action.type](state, action);
}

/** Many numbers from 0 to 1 are looked at as a picture. */
function isPicture(input) {
  const values = input.flat(2);
  return values.length > 400 && values.every((value) => value >= 0 && value <= 1);
}

function withProblem(state, problem) {
  const [rows, columns] = change.sizeOf(problem.input);
  const [height, width] = change.sizeOf(problem.kernels);
  const within = ([row, column], [h, w]) => [Math.min(row, h - 1), Math.min(column, w - 1)];
  const isLost =
    state.selection?.grid === "input" &&
    (state.selection.row >= rows || state.selection.column >= columns);
  return {
    ...state,
    problem,
    channel: Math.min(state.channel, problem.input.length - 1),
    output: Math.min(state.output, problem.kernels.length - 1),
    active: {
      ...state.active,
      input: within(state.active.input, [rows, columns]),
      kernel: within(state.active.kernel, [height, width]),
    },
    hover: null,
    selection: isLost ? null : state.selection,
    player: { ...state.player, status: "idle", index: 0 },
    notice: null,
  };
}

function isSameCell(one, other) {
  return (
    one === other ||
    (one?.grid === other?.grid && one?.row === other?.row && one?.column === other?.column)
  );
}

/** The active cell of a grid lies elsewhere, and is looked at. */
function moved(state, grid, row, column) {
  const [rows, columns] = extentOfGrid(state, grid);
  const place = [clamp(row, 0, rows - 1), clamp(column, 0, columns - 1)];
  const selection = grid === "kernel" ? state.selection : { grid, row: place[0], column: place[1] };
  const isThere =
    String(place) === String(state.active[grid]) && isSameCell(selection, state.selection);
  if (isThere && state.hover === null && state.editing === null) return state;
  const active = { ...state.active, [grid]: place };
  return { ...state, hover: null, editing: null, active, selection };
}

function withTable(state, grid, cells, value) {
  const { problem, channel, output } = state;
  if (grid === "input") {
    const table = change.withCells(problem.input[channel], cells, value);
    const input = change.replaced(problem.input, channel, table);
    return withProblem(state, { ...problem, input });
  }
  const table = change.withCells(problem.kernels[output][channel], cells, value);
  return withProblem(state, change.withKernel(problem, output, channel, table));
}

/** A square of size × size cells around one. */
function squareAround(row, column, size) {
  const first = -Math.floor((size - 1) / 2);
  return Array.from({ length: size * size }, (_, index) => [
    row + first + Math.floor(index / size),
    column + first + (index % size),
  ]);
}

function restIndex({ player }) {
  return player.status === "paused" ? player.index : 0;
}

/** The animation shows the output cell of an index; after the last one it is over. */
function atIndex(state, index, status) {
  const result = answerOf(state, "result");
  if (result === null) return state;
  const [rows, columns] = change.sizeOf(result.output);
  if (index >= rows * columns) {
    return { ...state, player: { ...state.player, status: "idle", index: 0 } };
  }
  const [row, column] = [Math.floor(index / columns), index % columns];
  return {
    ...state,
    hover: null,
    active: { ...state.active, output: [row, column] },
    selection: { grid: "output", row, column },
    player: { ...state.player, status, index },
  };
}
