/** Cells per second that one may choose; where less motion is asked for, the slow ones. */
export const SPEEDS = [1, 2, 5, 15, 60];
export const CALM_SPEEDS = [0.5, 1, 2];

/** Whether the system asks for less motion. */
export const wantsLessMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Tick while the animation plays. */
export function runPlayer(store) {
  let timer = null;
  store.subscribe(({ player }, { player: before }) => {
    if (player.status === before.status && player.speed === before.speed) return;
    clearInterval(timer);
    timer = null;
    if (player.status === "playing") {
      timer = setInterval(() => store.dispatch({ type: "player/tick" }), 1000 / player.speed);
    }
  });
}
