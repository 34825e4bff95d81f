/** Puts the messages together that come in frames. */
export class MessageParts<Part> {
  readonly #join: (parts: readonly Part[]) => Part;
  #parts: Part[] = [];

  constructor(join: (parts: readonly Part[]) => Part) {
    this.#join = join;
  }

  /** Takes a frame; returns the message when it is the last one. */
  add(part: Part, isLast: boolean): Part | undefined {
    this.#parts.push(part);
    if (!isLast) return undefined;
    const parts = this.#parts;
    this.#parts = [];
    return parts.length === 1 ? part : this.#join(parts);
  }

  clear(): void {
    this.#parts = [];
  }
}
