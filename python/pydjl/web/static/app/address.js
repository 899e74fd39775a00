import { exact } from "./numbers.js";

/**
 * The state as the part of the address after “#”: `v=1&x=1x6x8:1*2,0*4,…&k=…&b=…`. Numbers are the
 * shortest text of their float32; `1*2` is 1 twice; `x=@edges` is a preset of that name.
 */
const VERSION = "1";
const VIEWS = ["sum", "matrix", "channels", "kernels", "learning", "sizes", "quiz", "code"];
const MODES = ["valid", "same", "full", "numbers"];

/**
 * @param {object} state
 * @param {string|undefined} preset the name of the preset that the input is
 */
export function toAddress({ problem, view, output, selection }, preset) {
  const at = selection?.grid === "output" ? `${output},${selection.row},${selection.column}` : null;
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
    t: view,
    ...(at === null ? {} : { at }),
  };
  return Object.entries(fields)
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
    const view = VIEWS.find((name) => name === fields.t) ?? "sum";
    return { problem, values: { view, ...placeOf(fields.at, problem) } };
  } catch (error) {
    throw unreadable(error.message);
  }
}

function checkShapes({ input, kernels, bias, operation, mode }) {
  if (operation === undefined || mode === undefined) throw new Error("a part is missing");
  if (kernels.length !== bias.length) throw new Error("kernels and biases differ in number");
  if (kernels[0].length !== input.length) throw new Error("kernels and input differ in channels");
}

function placeOf(at, { kernels }) {
  if (at === undefined) return { selection: null };
  const [output, row, column] = at.split(",").map(Number);
  if (
    ![output, row, column].every((n) => Number.isInteger(n) && n >= 0) ||
    output >= kernels.length
  ) {
    throw new Error(`no cell lies at ${at}`);
  }
  return { output, selection: { grid: "output", row, column } };
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
  const [head, body] = text.split(":");
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
