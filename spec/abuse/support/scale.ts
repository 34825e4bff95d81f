/** How much of a soak is run: all of it, or with `SOAK=short` a tenth. */
const SCALE = process.env['SOAK'] === 'short' ? 0.1 : 1;

/** `count`, or less of it in a short soak; at least one. */
export function scaled(count: number): number {
  return Math.max(1, Math.round(count * SCALE));
}
