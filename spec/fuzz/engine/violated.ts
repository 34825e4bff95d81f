// Characters of a difference that are worth a look.
const MUCH = 100;

/** What a target throws when a parser has broken a promise. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Says which promise was broken. */
export function violated(sentence: string): never {
  throw new Violation(sentence);
}

/** Fails with `promise` unless it holds. */
export function expectThat(holds: boolean, promise: string): void {
  if (!holds) violated(`${promise}: that does not hold.`);
}

/** Fails unless both are the same, compared as JSON; `what` names them. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (actual === expected) return;
  const found = JSON.stringify(actual) ?? 'nothing';
  const wanted = JSON.stringify(expected) ?? 'nothing';
  if (found === wanted) return;
  let same = 0;
  while (found[same] === wanted[same]) same++;
  violated(`${what}: ${around(found, same)} instead of ${around(wanted, same)}.`);
}

function around(text: string, at: number): string {
  const start = at < MUCH ? 0 : at - MUCH / 2;
  return (
    (start === 0 ? '' : '…') + text.slice(start, at + MUCH) + (at + MUCH < text.length ? '…' : '')
  );
}
