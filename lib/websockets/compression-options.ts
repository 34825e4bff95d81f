/** How messages are compressed, and what is agreed on with the peer (RFC 7692 §7.1). */
export interface CompressionOptions {
  /** 1, the fastest, to 9, the smallest; 6 by default. */
  readonly level?: number;
  /** Messages of fewer bytes are sent as they are; 1024 by default. */
  readonly threshold?: number;
  /**
   * With how many bytes of what was sent before a new message is compared, 0 to 32,768; 8192 by
   * default. More make short messages smaller and cost more time: each message pays for all of them.
   * It is memory that an open connection keeps.
   */
  readonly historySize?: number;
  /** How far back what the server sends may refer: 2 to the power of 9 to 15 bytes, the default. */
  readonly serverMaxWindowBits?: number;
  /** The same for what the client sends. */
  readonly clientMaxWindowBits?: number;
  /** Whether the server compresses each message without the ones before; false by default. */
  readonly serverNoContextTakeover?: boolean;
  /** Whether the client does. */
  readonly clientNoContextTakeover?: boolean;
}

/** The same with every choice made. */
export type CompressionSettings = Required<CompressionOptions>;

/** How one message is sent. */
export interface SendOptions {
  /**
   * Whether to compress the message, where that was agreed on: whatever its size, or never. Without
   * it the threshold of the options decides.
   */
  readonly compress?: boolean;
}

/** What holds where nothing else was chosen. */
export const DEFAULT_COMPRESSION: CompressionSettings = {
  level: 6,
  // What is smaller fills no packet either way.
  threshold: 1024,
  historySize: 8192,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
};

/**
 * The settings that `options` make, with the defaults for the rest.
 *
 * @throws RangeError when a number is no whole number within its limits.
 */
export function toCompressionSettings(options: CompressionOptions): CompressionSettings {
  const chosen = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = {
    ...DEFAULT_COMPRESSION,
    ...(Object.fromEntries(chosen) as CompressionOptions),
  };
  check('level', settings.level, 1, 9);
  check('threshold', settings.threshold, 0, Number.MAX_SAFE_INTEGER);
  check('historySize', settings.historySize, 0, 32_768);
  check('serverMaxWindowBits', settings.serverMaxWindowBits, 9, 15);
  check('clientMaxWindowBits', settings.clientMaxWindowBits, 9, 15);
  return settings;
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`"${name}" must be a whole number from ${least} to ${most}, not ${value}.`);
}
