import type { ConnectionFacts, LineWriter, Voice } from './voice.ts';

/** Tells of a connection in objects of JSON, one in a line; docs/qws.md has their members. */
export class JsonVoice implements Voice {
  readonly #out: LineWriter;

  constructor(out: LineWriter) {
    this.#out = out;
  }

  connecting(_url: string): void {}

  connected(facts: ConnectionFacts): void {
    this.#tell('connected', { ...facts });
  }

  text(message: string): void {
    this.#tell('text', { message });
  }

  binary(message: Uint8Array): void {
    this.#tell('binary', { bytes: message.length, base64: toBase64(message) });
  }

  pong(milliseconds: number, payload: Uint8Array): void {
    this.#tell('pong', { milliseconds, base64: toBase64(payload) });
  }

  warning(text: string): void {
    this.#tell('warning', { message: text });
  }

  failed(error: string, text: string): void {
    this.#tell('error', { error, message: text });
  }

  closed(code: number, reason: string): void {
    this.#tell('closed', { code, reason });
  }

  #tell(event: string, members: object): void {
    const line = JSON.stringify({ event, time: new Date().toISOString(), ...members });
    // JSON leaves characters as they are that terminals obey.
    this.#out(line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, unicodeEscapes));
  }
}

function unicodeEscapes(character: string): string {
  let escapes = '';
  for (let index = 0; index < character.length; index += 1) {
    escapes += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escapes;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
