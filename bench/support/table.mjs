/**
 * A table of columns that line up; numbers to the right, the first column to the left.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function tableOf(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join(
    '\n',
  );
}

/** A number of three digits; ranges need no more. */
export function digits(value) {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** @param {import('./statistics.mjs').Spread} spread */
export function withQuartiles({ q1, median, q3 }) {
  if (!Number.isFinite(median)) return '-';
  return `${digits(median)} [${digits(q1)}–${digits(q3)}]`;
}
