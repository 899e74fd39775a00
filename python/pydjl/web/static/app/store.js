/**
 * Keep one immutable state: an action goes through the reducer, and everyone who listens is told.
 *
 * @param {(state: object, action: object) => object} reduce
 * @param {object} initial
 */
export function createStore(reduce, initial) {
  let state = initial;
  const listeners = new Set();
  return {
    get state() {
      return state;
    },
    dispatch(action) {
      const previous = state;
      state = reduce(state, action);
      if (state !== previous) {
        for (const listener of listeners) listener(state, previous);
      }
    },
    subscribe(listener) {
      listeners.add(listener);
    },
  };
}
