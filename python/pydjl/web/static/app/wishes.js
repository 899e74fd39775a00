import * as api from "./api.js";
import { gridCell, isFresh } from "./selectors.js";

/**
 * What the state wants to know from the server. `body` says with what to ask (null: nothing is
 * wanted now); where it is another body than the last one, the server is asked. Heavy answers
 * wait until the state has been quiet for `delay` milliseconds.
 */
const WISHES = [
  { name: "result", call: api.compute, of: (s) => [s.problem], body: (problem) => ({ problem }) },
  {
    name: "step",
    call: api.step,
    of: (s) => {
      const cell = isFresh(s) && gridCell(s, "output");
      return cell && [s.problem, s.output, cell.row, cell.column];
    },
    body: (problem, channel, row, column) => ({ problem, channel, row, column }),
  },
  {
    name: "reach",
    call: api.reach,
    of: (s) => {
      const cell = isFresh(s) && gridCell(s, "input");
      return cell && [s.problem, cell.row, cell.column];
    },
    body: (problem, row, column) => ({ problem, row, column }),
  },
  {
    name: "matrix",
    call: api.matrix,
    delay: 100,
    of: (s) => s.view === "matrix" && isFresh(s) && [s.problem, s.matrixKind],
    body: (problem, kind) => ({ problem, kind }),
  },
  {
    name: "gallery",
    call: api.gallery,
    delay: 100,
    of: (s) => s.view === "kernels" && [s.problem],
    body: ({ kernels: _kernels, bias: _bias, ...rest }) => rest,
  },
  {
    name: "learning",
    call: api.learn,
    delay: 100,
    of: (s) =>
      s.view === "learning" && [
        s.problem.input[s.channel],
        s.problem.kernels[s.output][s.channel],
        s.learning,
      ],
    body: (input, kernel, { rate, steps, accumulate }) => ({
      input,
      kernel,
      learning_rate: rate,
      steps,
      accumulate,
    }),
  },
  {
    name: "code",
    call: api.code,
    delay: 100,
    of: (s) => s.view === "code" && [s.problem],
    body: (problem) => ({ problem }),
  },
  {
    name: "quiz",
    call: api.quiz,
    of: (s) => s.view === "quiz" && [s.seed],
    body: (seed) => ({ seed }),
  },
];

/** Ask the server whenever the state wants to know something else, and hand on what it answers. */
export function grantWishes(store) {
  const granted = WISHES.map((wish) => grant(wish, store));
  const grantAll = (state) => granted.forEach((each) => each(state));
  store.subscribe(grantAll);
  grantAll(store.state);
}

function grant({ name, call, of, body, delay = 0 }, store) {
  const ask = name === "result" ? steady(call) : api.newest(call);
  let last = null;
  let timer = null;
  return (state) => {
    const wanted = of(state) || null;
    if (wanted === null) {
      last = null;
      clearTimeout(timer);
      return;
    }
    if (last !== null && wanted.every((value, index) => value === last[index])) return;
    last = wanted;
    clearTimeout(timer);
    const run = () =>
      ask(body(...wanted)).then(
        (answer) => store.dispatch({ type: "answered", name, answer, question: wanted }),
        (error) => {
          if (error.name === "AbortError") return;
          store.dispatch({ type: "refused", name, message: error.message, question: wanted });
        },
      );
    if (delay > 0) timer = setTimeout(run, delay);
    else run();
  };
}

/**
 * One call runs and the newest one waits for it; those between are dropped. While someone draws
 * with the brush, aborting would starve the output: every stroke comes before the answer.
 */
function steady(call) {
  let running = null;
  let waiting = null;
  const dropped = () => new DOMException("A newer question took its place.", "AbortError");
  const start = (body) => {
    running = call(body).finally(() => {
      running = null;
      const next = waiting;
      waiting = null;
      if (next !== null) start(next.body).then(next.resolve, next.reject);
    });
    return running;
  };
  return (body) => {
    if (running === null) return start(body);
    waiting?.reject(dropped());
    return new Promise((resolve, reject) => {
      waiting = { body, resolve, reject };
    });
  };
}
