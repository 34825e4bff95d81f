import { readUtf8 } from './utf8.ts';

/** What a Close frame's payload means: its code and reason, or the code to fail with. */
export interface ModelClose {
  readonly code: number;
  /** '' when the payload is invalid: the words are the library's. */
  readonly reason: string;
  readonly isInvalid: boolean;
}

/** Reads the payload of a Close frame by RFC 6455 §5.5.1, §7.4 and the IANA registry. */
export function readClose(payload: Buffer): ModelClose {
  if (payload.length === 0) return { code: 1005, reason: '', isInvalid: false };
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
  const isRegistered = [1000, 1001, 1002, 1003, 1007, 1008, 1009]
    .concat([1010, 1011, 1012, 1013, 1014])
    .includes(code);
  if (!isRegistered && !(code >= 3000 && code <= 4999)) {
    return { code: 1002, reason: '', isInvalid: true };
  }
  const text = payload.subarray(2);
  if (readUtf8(text).whole < text.length) return { code: 1007, reason: '', isInvalid: true };
  return { code, reason: text.toString(), isInvalid: false };
}
