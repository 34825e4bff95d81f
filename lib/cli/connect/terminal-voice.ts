import { styleText } from 'node:util';
import { escaped, escapedLines } from '../escaped.ts';
import type { ConnectionFacts, LineWriter, Voice } from './voice.ts';

/** How many bytes of a binary message are shown. */
const SHOWN_BYTES = 64;

/** Whether there are colours is decided elsewhere. */
const ANY_STREAM = { validateStream: false } as const;

/** Tells people at a terminal: what the peer has written comes without what a terminal obeys. */
export class TerminalVoice implements Voice {
  readonly #out: LineWriter;
  readonly #style: (format: 'cyan' | 'red' | 'yellow' | 'dim', text: string) => string;

  constructor(out: LineWriter, hasColors: boolean) {
    this.#out = out;
    this.#style = (format, text) => (hasColors ? styleText(format, text, ANY_STREAM) : text);
  }

  connecting(url: string): void {
    this.#out(this.#style('dim', `Connecting to ${url}`));
  }

  connected({ subprotocol, extensions }: ConnectionFacts): void {
    const agreed = [subprotocol, extensions].filter((text) => text !== '').map(escaped);
    const suffix = agreed.length === 0 ? '' : ` (${agreed.join(', ')})`;
    this.#out(this.#style('dim', `Connected${suffix}. /help lists the commands.`));
  }

  text(message: string): void {
    this.#out(`${this.#style('cyan', '<')} ${escapedLines(message)}`);
  }

  binary(message: Uint8Array): void {
    const pairs = Array.from(message.subarray(0, SHOWN_BYTES), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    const more = message.length > SHOWN_BYTES ? ' …' : '';
    const bytes = `${message.length} ${message.length === 1 ? 'byte' : 'bytes'}`;
    this.#out(`${this.#style('cyan', '<')} ${bytes}: ${pairs.join(' ')}${more}`);
  }

  pong(milliseconds: number, payload: Uint8Array): void {
    const text = Buffer.from(payload).toString('utf8');
    this.#out(this.#style('dim', `Pong after ${milliseconds} ms${text && `: ${escaped(text)}`}`));
  }

  warning(text: string): void {
    this.#out(this.#style('yellow', `warning: ${escaped(text)}`));
  }

  failed(_error: string, text: string): void {
    this.#out(this.#style('red', `error: ${escaped(text)}`));
  }

  closed(code: number, reason: string): void {
    this.#out(this.#style('dim', `Closed with ${code}${reason && `: ${escaped(reason)}`}`));
  }
}
