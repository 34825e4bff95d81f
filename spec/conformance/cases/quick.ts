import type { CaseGroups } from '../support/conversation.ts';
import { closing } from './closing.ts';
import { compressedFrames } from './compression.ts';
import { fragmentation } from './fragmentation.ts';
import { framing } from './framing.ts';
import { headers } from './headers.ts';
import { pings } from './pings.ts';
import { opcodes, reservedBits } from './reserved.ts';
import { failFast, utf8 } from './utf8.ts';

/** All groups but those of the limits and of compression, which take their time. */
export const quick: CaseGroups = {
  ...framing,
  ...pings,
  ...reservedBits,
  ...opcodes,
  ...fragmentation,
  ...utf8,
  ...failFast,
  ...closing,
  ...headers,
  ...compressedFrames,
};
