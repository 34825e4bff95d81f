import { escaped } from '../escaped.ts';
import type { ConnectionFacts, LineWriter, Voice } from './voice.ts';

/**
 * Tells programs: messages alone on the one stream, as they are, and what there is to say of the
 * connection on the other.
 */
export class PipeVoice implements Voice {
  readonly #out: LineWriter;
  readonly #log: LineWriter;
  readonly #show: (text: string) => string;

  /** @param show what becomes of a message; it is left as it is where no terminal obeys it. */
  constructor(out: LineWriter, log: LineWriter, show: (text: string) => string) {
    this.#out = out;
    this.#log = log;
    this.#show = show;
  }

  connecting(_url: string): void {}

  connected(_facts: ConnectionFacts): void {}

  text(message: string): void {
    this.#out(this.#show(message));
  }

  binary(message: Uint8Array): void {
    this.#out(`hex:${Buffer.from(message).toString('hex')}`);
  }

  pong(_milliseconds: number, _payload: Uint8Array): void {}

  warning(text: string): void {
    this.#log(`warning: ${escaped(text)}`);
  }

  failed(_error: string, text: string): void {
    this.#log(`error: ${escaped(text)}`);
  }

  closed(code: number, reason: string): void {
    if (code !== 1000) this.#log(`closed with ${code}${reason && `: ${escaped(reason)}`}`);
  }
}
