// A peer that goes on without ever closing is given up after so many timeouts.
const MAX_ROUNDS = 12;

/**
 * Looks every `timeout` milliseconds whether a connection gets anywhere on its way to the end, and
 * calls `giveUp` when it does not. Returns a function that stops it. Negative: it never looks.
 *
 * @param progress a number that changes with every sign of life.
 */
export function watchClosing(
  timeout: number,
  progress: () => number,
  giveUp: () => void,
): () => void {
  if (timeout < 0) return () => {};
  let before = progress();
  let rounds = 0;
  let timer = setTimeout(look, timeout);

  function look(): void {
    const now = progress();
    rounds++;
    if (now === before || rounds === MAX_ROUNDS) {
      giveUp();
      return;
    }
    before = now;
    timer = setTimeout(look, timeout);
  }
  return () => clearTimeout(timer);
}
