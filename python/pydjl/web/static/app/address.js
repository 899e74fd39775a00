import { exact } from "./numbers.js";

/**
 * The state as the part of the address after “#”: `v=1&x=1x6x8:1*2,0*4,…&k=…&b=…`. Numbers are the
 * shortest text of their float32; `1*2` is 1 twice; `x=@edges` is a preset of that name.
 */
const VERSION = "1";
/** The parts of the address that make the problem; none may be missing. */
const PROBLEM = ["x", "k", "b", "o", "m", "s", "p", "d"];
const MODES = ["valid", "same", "full", "numbers"];

/** One of some names, of which the first needs not be written. */
const oneOf = (...names) => ({
  write: (value) => value,
  read: (text = names[0]) => names.find((name) => name === text) ?? names[0],
});

/** A whole number, of which the lowest needs not be written. */
const countFrom = (lowest) => ({ write: String, read: (text = lowest) => whole(text, lowest) });

/** What is kept beside the problem: the part's name in the address, in the state, and its text. */
const SETTINGS = [
  [
    "t",
    "view",
    oneOf("sum", "matrix", "channels", "kernels", "learning", "sizes", "quiz", "code"),
  ],
  ["y", "output", countFrom(0)],
  ["c", "channel", countFrom(0)],
  ["z", "scale", oneOf("signed", "grey")],
  ["w", "matrixKind", oneOf("im2col", "toeplitz")],
  ["l", "learning", { write: packLearning, read: unpackLearning }],
  ["q", "seed", countFrom(1)],
  ["g", "language", oneOf("java", "torch", "numpy")],
  ["at", "selection", { write: packCell, read: unpackCell }],
];

/** The parts of the state that are in the address. */
export const KEPT = ["problem", ...SETTINGS.map(([, part]) => part)];

/**
 * @param {object} state
 * @param {string|undefined} preset the name of the preset that the input is
 */
export function toAddress(state, preset) {
  const { problem } = state;
  const settings = SETTINGS.map(([name, part, { write, read }]) => {
    const text = write(state[part]);
    return text === write(read()) ? [] : [name, text];
  });
  const fields = {
    v: VERSION,
    x: preset === undefined ? pack(problem.input) : `@${encodeURIComponent(preset)}`,
    k: pack(problem.kernels),
    b: pack(problem.bias),
    o: problem.operation === "convolution" ? "conv" : "corr",
    m: problem.mode,
    s: problem.stride.join("x"),
    p: problem.padding.join("x"),
    d: problem.dilation.join("x"),
  };
  return [...Object.entries(fields), ...settings.filter((each) => each.length > 0)]
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/**
 * Read an address.
 *
 * @param {string} hash with or without “#”
 * @param {object} catalog for the names of presets
 * @returns {{problem: object, values: object}|null} null for an address that says nothing
 * @throws {Error} with a sentence for an address that cannot be read
 */
export function fromAddress(hash, catalog) {
  const text = hash.replace(/^#/, "");
  if (text === "") return null;
  const fields = Object.fromEntries(text.split("&").map((part) => part.split(/=(.*)/s)));
  if (fields.v !== VERSION) throw unreadable(`version ${fields.v} is not known`);
  try {
    const lost = PROBLEM.find((name) => fields[name] === undefined);
    if (lost !== undefined) throw new Error(`“${lost}=” is missing`);
    const problem = {
      input: fields.x.startsWith("@") ? presetOf(fields.x.slice(1), catalog) : unpack(fields.x, 3),
      kernels: unpack(fields.k, 4),
      bias: unpack(fields.b, 1),
      operation: { conv: "convolution", corr: "cross-correlation" }[fields.o],
      mode: MODES.find((mode) => mode === fields.m),
      stride: pair(fields.s),
      padding: pair(fields.p),
      dilation: pair(fields.d),
    };
    checkShapes(problem);
    const values = SETTINGS.map(([name, part, { read }]) => [part, read(fields[name])]);
    return { problem, values: Object.fromEntries(values) };
  } catch (error) {
    throw unreadable(error.message);
  }
}

function checkShapes({ input, kernels, bias, operation, mode }) {
  if (operation === undefined || mode === undefined) throw new Error("operation or border is not known");
  if (kernels.length !== bias.length) throw new Error("kernels and biases differ in number");
  if (kernels[0].length !== input.length) throw new Error("kernels and input differ in channels");
}

function whole(text, lowest) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < lowest) throw new Error(`“${text}” is no number here`);
  return number;
}

function packLearning({ rate, steps, accumulate }) {
  return [rate ?? "half", steps, accumulate ? "accumulate" : "zero"].join(",");
}

function unpackLearning(text = "half,60,zero") {
  const [rate, steps, gradients] = text.split(",");
  const isRate = rate === "half" || (Number(rate) > 0 && Number.isFinite(Number(rate)));
  if (!isRate) throw new Error(`“${rate}” is no learning rate`);
  return {
    rate: rate === "half" ? null : Number(rate),
    steps: whole(steps, 1),
    accumulate: gradients === "accumulate",
  };
}

/** `y,2,3` is a cell of the output, `x,2,3` one of the input. */
function packCell(selection) {
  if (selection === null) return undefined;
  return `${selection.grid === "input" ? "x" : "y"},${selection.row},${selection.column}`;
}

function unpackCell(text) {
  if (text === undefined) return null;
  const [letter, row, column] = text.split(",");
  const grid = { x: "input", y: "output" }[letter];
  if (grid === undefined) throw new Error(`no cell lies at ${text}`);
  return { grid, row: whole(row, 0), column: whole(column, 0) };
}

function presetOf(name, { inputs }) {
  const preset = inputs.find((each) => each.name === decodeURIComponent(name));
  if (preset === undefined) throw new Error(`there is no picture “${name}”`);
  return preset.values;
}

function pair(text) {
  const numbers = text.split("x").map(Number);
  if (numbers.length !== 2 || !numbers.every(Number.isInteger))
    throw new Error(`“${text}” is no pair`);
  return numbers;
}

function shapeOf(array) {
  return Array.isArray(array) ? [array.length, ...shapeOf(array[0])] : [];
}

function pack(array) {
  const runs = [];
  for (const value of array.flat(Infinity)) {
    const text = exact(value).replace("e+", "e");
    const last = runs.at(-1);
    if (last?.text === text) last.times += 1;
    else runs.push({ text, times: 1 });
  }
  const numbers = runs.map(({ text, times }) => (times === 1 ? text : `${text}*${times}`));
  return `${shapeOf(array).join("x")}:${numbers.join(",")}`;
}

function unpack(text, dimensions) {
  const [head, body = ""] = text.split(":");
  const shape = head.split("x").map(Number);
  const size = shape.reduce((product, length) => product * length, 1);
  if (shape.length !== dimensions || !Number.isInteger(size) || size < 1 || size > 20000) {
    throw new Error(`“${head}” is no shape of ${dimensions} dimensions`);
  }
  const numbers = body.split(",").flatMap((run) => {
    const [value, times = "1"] = run.split("*");
    if (value === "" || !(Number(times) >= 1 && Number(times) <= size))
      throw new Error(`“${run}” is no number`);
    return Array(Number(times)).fill(Number(value));
  });
  if (numbers.length !== size || !numbers.every(Number.isFinite)) {
    throw new Error(`${head} needs ${size} numbers, not ${numbers.length}`);
  }
  return shape.slice(1).reduceRight((flat, length) => chunked(flat, length), numbers);
}

function chunked(list, length) {
  return Array.from({ length: list.length / length }, (_, index) =>
    list.slice(index * length, (index + 1) * length),
  );
}

function unreadable(reason) {
  return new Error(`This address cannot be read: ${reason}. What is shown is the start.`);
}
