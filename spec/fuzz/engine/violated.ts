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
  const found = JSON.stringify(actual);
  const wanted = JSON.stringify(expected);
  if (found !== wanted) violated(`${what}: ${found} instead of ${wanted}.`);
}
