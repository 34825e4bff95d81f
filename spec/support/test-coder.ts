import type { DeflateParameters } from '../../lib/codec/deflate-parameters.ts';
import { DeflateCoder, type CoderOptions } from '../../lib/node/deflate-coder.ts';
import type { InflateFailure, MessageCoder } from '../../lib/session/wire.ts';

/** Everything that permessage-deflate allows. */
export const FULL: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

export const OPTIONS: CoderOptions = { level: 6, threshold: 0, historySize: 32_768 };

/** The coders of a client and its server. */
export function coders(
  parameters: Partial<DeflateParameters> = {},
  options: Partial<CoderOptions> = {},
): { client: DeflateCoder; server: DeflateCoder } {
  const agreed = { ...FULL, ...parameters };
  return {
    client: new DeflateCoder(true, agreed, { ...OPTIONS, ...options }),
    server: new DeflateCoder(false, agreed, { ...OPTIONS, ...options }),
  };
}

/** What a coder makes of a message, at once or later; the message itself when that is better. */
export function deflated(coder: MessageCoder, data: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const payload = coder.deflate(data, { deflated: resolve });
    if (payload !== undefined) resolve(payload);
  });
}

/** What a coder makes of a payload. */
export function inflated(
  coder: MessageCoder,
  payload: Uint8Array,
  limit = 2 ** 31 - 2,
): Promise<Buffer | InflateFailure> {
  return new Promise((resolve) => {
    const outcome = coder.inflate(Buffer.from(payload), limit, { inflated: resolve });
    if (outcome !== undefined) resolve(outcome);
  });
}
