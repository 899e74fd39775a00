/** Pure changes of a problem: each takes one and gives another, and shares what stays the same. */

const zeros = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(0));

/** Rows and columns of an array of shape (…, rows, columns). */
export function sizeOf(values) {
  return Array.isArray(values[0][0]) ? sizeOf(values[0]) : [values.length, values[0].length];
}

/** Set cells ([[row, column], …]) of a table to one value. */
export function withCells(table, cells, value) {
  const rows = new Map();
  for (const [row, column] of cells) {
    if (!rows.has(row)) rows.set(row, table[row].slice());
    rows.get(row)[column] = value;
  }
  return table.map((row, index) => rows.get(index) ?? row);
}

/** Another size: what lies outside is cut off, what is new is zero; offset says where the old lies. */
function resized(table, rows, columns, [top, left] = [0, 0]) {
  const result = zeros(rows, columns);
  table.forEach((row, i) =>
    row.forEach((value, j) => {
      if (i + top in result && j + left >= 0 && j + left < columns)
        result[i + top][j + left] = value;
    }),
  );
  return result;
}

/** An input of rows × columns; what was drawn stays at its top left. */
export function withInputSize(problem, rows, columns) {
  return { ...problem, input: problem.input.map((channel) => resized(channel, rows, columns)) };
}

/** Another input; kernels get as many channels. */
export function withInput(problem, input) {
  return withChannels({ ...problem, input }, input.length);
}

/** More channels repeat the last one. */
export function withChannels(problem, channels) {
  return {
    ...problem,
    input: repeated(problem.input, channels),
    kernels: problem.kernels.map((kernel) => repeated(kernel, channels)),
  };
}

/** More output channels repeat the last kernel and its bias. */
export function withOutputs(problem, outputs) {
  return {
    ...problem,
    kernels: repeated(problem.kernels, outputs),
    bias: repeated(problem.bias, outputs),
  };
}

/** Kernels of rows × columns; what was there stays in the middle. */
export function withKernelSize(problem, rows, columns) {
  const [oldRows, oldColumns] = sizeOf(problem.kernels);
  if (rows === oldRows && columns === oldColumns) return problem;
  const offset = [Math.floor((rows - oldRows) / 2), Math.floor((columns - oldColumns) / 2)];
  return {
    ...problem,
    kernels: problem.kernels.map((kernel) =>
      kernel.map((channel) => resized(channel, rows, columns, offset)),
    ),
  };
}

/** The same weights for every channel of one output; the other outputs take their size. */
export function withPreset(problem, output, weights) {
  const [rows, columns] = sizeOf(weights);
  const sized = withKernelSize(problem, rows, columns);
  return {
    ...sized,
    kernels: replaced(
      sized.kernels,
      output,
      sized.input.map(() => weights),
    ),
  };
}

/** One cell table of one output's kernel is another. */
export function withKernel(problem, output, channel, table) {
  return {
    ...problem,
    kernels: replaced(problem.kernels, output, replaced(problem.kernels[output], channel, table)),
  };
}

/** A list in which one element is another. */
export function replaced(list, index, element) {
  return list.map((old, i) => (i === index ? element : old));
}

function repeated(list, length) {
  return Array.from({ length }, (_, index) => list[Math.min(index, list.length - 1)]);
}
