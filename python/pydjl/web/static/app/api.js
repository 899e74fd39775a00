/** What the server refused, in its own sentence. */
export class ApiError extends Error {}

const NO_ANSWER = "The server does not answer. Is `pydjl lab` still running?";

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(NO_ANSWER);
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new ApiError(answer.error ?? `The server answered with status ${response.status}.`);
}

function post(path, body, signal) {
  return send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

const json = (path) => async (body, signal) => (await post(path, body, signal)).json();

export const compute = json("api/compute");
export const step = json("api/step");
export const reach = json("api/reach");
export const matrix = json("api/matrix");
export const gallery = json("api/gallery");
export const code = json("api/code");
export const gradeQuiz = json("api/quiz");

/** Learn a kernel; a learning rate that nobody chose is half of the largest stable one. */
export async function learn({ learning_rate: chosen, ...rest }, signal) {
  const ask = json("api/learn");
  let rate = chosen;
  if (rate === null) {
    const first = await ask({ ...rest, learning_rate: 1e-6, steps: 1 }, signal);
    rate = Number(((first.stable_rate ?? 2) / 2).toPrecision(2));
  }
  return { ...(await ask({ ...rest, learning_rate: rate }, signal)), learning_rate: rate };
}

export const catalog = async () => (await send("api/catalog")).json();

export const quiz = async ({ seed }, signal) =>
  (await send(`api/quiz?seed=${seed}`, { signal })).json();

/** The numbers of a picture, scaled by the server to height × width. */
export async function picture(file, { height, width, channels }) {
  const path = `api/picture?height=${height}&width=${width}&channels=${channels}`;
  const response = await send(path, {
    method: "POST",
    headers: { "Content-Type": file.type },
    body: file,
  });
  return (await response.json()).input;
}

/** The file of the problem as png, svg or json. */
export async function download(format, problem) {
  return (await post(`api/download?format=${format}`, { problem })).blob();
}

/**
 * Only the newest call counts: an older one that still runs is aborted, and its answer is dropped.
 *
 * @param {(body: object, signal: AbortSignal) => Promise<object>} call
 */
export function newest(call) {
  let controller = null;
  return async (body) => {
    controller?.abort();
    controller = new AbortController();
    const { signal } = controller;
    const answer = await call(body, signal);
    signal.throwIfAborted();
    return answer;
  };
}
