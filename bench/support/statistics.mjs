/**
 * @typedef {object} Spread
 * @property {number} q1
 * @property {number} median
 * @property {number} q3
 */

/**
 * The value below which the share `q` of `values` lies; between two values it is interpolated.
 *
 * @param {ArrayLike<number>} values
 * @param {number} q 0 to 1
 */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).toSorted();
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * @param {ArrayLike<number>} values
 * @returns {Spread}
 */
export function spread(values) {
  return { q1: quantile(values, 0.25), median: quantile(values, 0.5), q3: quantile(values, 0.75) };
}

/** The numbers from 0 on, begun at `first`: each round has another rival at the start. */
export function rotated(items, first) {
  return items.map((_, i) => items[(first + i) % items.length]);
}
