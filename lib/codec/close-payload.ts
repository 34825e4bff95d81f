import { isCloseCodeValid, truncateCloseReason } from '../network/close-code.ts';
import { decodeUtf8 } from './utf8.ts';

/** Stands for a Close frame without a code; never on the wire itself (RFC 6455 §7.1.5). */
export const NO_STATUS = 1005;

/** What a Close frame says. */
export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
  /** Whether the frame was wrong; code and reason are then those with which to fail the connection. */
  readonly isInvalid: boolean;
}

/** Reads the payload of a Close frame (RFC 6455 §5.5.1); {@link NO_STATUS} when it is empty. */
export function parseClosePayload(payload: Buffer): CloseStatus {
  if (payload.length === 0) return { code: NO_STATUS, reason: '', isInvalid: false };
  if (payload.length === 1) return invalid(1002, 'Payload of close frame is too small.');

  const code = payload.readUInt16BE(0);
  if (!isCloseCodeValid(code)) return invalid(1002, `Invalid close code ${code} detected.`);

  const reason = decodeUtf8(payload, 2, payload.length);
  if (reason === undefined) return invalid(1007, 'Invalid UTF-8 code encountered.');
  return { code, reason, isInvalid: false };
}

/** The payload of a Close frame; empty for {@link NO_STATUS}. A reason that is too long is cut. */
export function writeClosePayload(code: number, reason: string): Buffer {
  if (code === NO_STATUS) return Buffer.alloc(0);
  const text = Buffer.from(truncateCloseReason(reason));
  const payload = Buffer.alloc(2 + text.length);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, 2);
  return payload;
}

function invalid(code: number, reason: string): CloseStatus {
  return { code, reason, isInvalid: true };
}
