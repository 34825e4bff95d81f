import type { Token } from './tokens.ts';

/** Tokens, and what is asked of them. Positions may lie outside. */
export class TokenList {
  readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get length(): number {
    return this.tokens.length;
  }

  /** The text at `at`; '' outside. */
  text(at: number): string {
    return this.tokens[at]?.text ?? '';
  }

  line(at: number): number {
    return this.tokens[at]?.line ?? 0;
  }

  isWord(at: number): boolean {
    return this.tokens[at]?.kind === 'word';
  }

  /** Where the bracket at `at` is closed, at most `farthest` tokens on; undefined when it is not. */
  closing(at: number, farthest = 400): number | undefined {
    const open = this.text(at);
    const close = CLOSING[open];
    if (close === undefined) return undefined;
    let depth = 0;
    for (let index = at; index < this.length && index < at + farthest; index += 1) {
      const text = this.text(index);
      if (text === open) depth += 1;
      else if (text === close && --depth === 0) return index;
    }
    return undefined;
  }
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };
