import type { Readable } from 'node:stream';
import { QObject } from 'qwebsockets';

/** What a click looks like: Enter, by whatever line ending, or the space bar. */
const CLICK = ['\r\n', '\r', '\n', ' '];

/** What closes the window: q, Ctrl+C and Ctrl+D. */
const CLOSE = ['q', '\u0003', '\u0004'];

/** As much of a stream of Node as the window needs; a terminal says that it is one. */
interface Input extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/**
 * The window of a QML program, as far as a terminal can be one: it shows lines, Enter and the space
 * bar click into it, and q closes it. Where it is no terminal, the end of the input closes it.
 */
export class TerminalWindow extends QObject<{ clicked: []; closed: [] }> {
  readonly #input: Input;
  readonly #output: NodeJS.WritableStream;
  #isOpen = true;

  constructor(input: Input = process.stdin, output: NodeJS.WritableStream = process.stdout) {
    super();
    this.#input = input;
    this.#output = output;
    input.setEncoding('utf8');
    input.on('data', this.#type);
    input.on('end', this.#close);
    if (input.isTTY !== true) return;
    input.setRawMode?.(true);
    this.append('(Enter or space clicks, q closes the window.)');
  }

  /** Shows `text` below what is there. What would control the terminal is shown as �. */
  append(text: string): void {
    this.#output.write(`${text.replaceAll(/[^\P{C}\n]/gu, '�')}\n`);
  }

  readonly #type = (text: string | Buffer): void => {
    for (const [key] of text.toString().matchAll(/\r\n|[^]/g)) {
      if (CLOSE.includes(key)) this.#close();
      else if (CLICK.includes(key) && this.#isOpen) this.emit('clicked');
    }
  };

  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#input.off('data', this.#type);
    this.#input.off('end', this.#close);
    if (this.#input.isTTY === true) this.#input.setRawMode?.(false);
    // It would keep the program alive.
    this.#input.destroy();
    this.emit('closed');
  };
}
