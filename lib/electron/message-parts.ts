/** Puts the messages together that come in frames. */
export class MessageParts<Part extends { readonly length: number }> {
  readonly #join: (parts: readonly Part[]) => Part;
  #parts: Part[] = [];
  #length = 0;

  constructor(join: (parts: readonly Part[]) => Part) {
    this.#join = join;
  }

  /** The sum of the lengths of the parts that are there. */
  get length(): number {
    return this.#length;
  }

  /** Takes a frame; returns the message when it is the last one. */
  add(part: Part, isLast: boolean): Part | undefined {
    this.#parts.push(part);
    this.#length += part.length;
    if (!isLast) return undefined;
    const parts = this.#parts;
    this.clear();
    return parts.length === 1 ? part : this.#join(parts);
  }

  clear(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
