import type { QNetworkRequest } from '../network/qnetworkrequest.ts';
import type { QUrl } from '../network/qurl.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';
import type { QWebSocketHandshakeOptions } from './qwebsockethandshakeoptions.ts';
import type { ReconnectFailure } from './reconnect-failure.ts';
import type { WakeSource } from './wake-source.ts';

/** Where an attempt leads, as `open()` takes it. */
export interface Destination {
  readonly target: string | URL | QUrl | QNetworkRequest;
  readonly handshakeOptions?: QWebSocketHandshakeOptions | undefined;
}

/** How a Reconnector goes about it. Times are in milliseconds. */
export interface ReconnectOptions {
  /** The first wait is a random time up to this; each further one, up to twice as long. 1,000 unless given. */
  readonly firstDelay?: number;
  /** No wait is longer, unless the server asks for it. 30,000 unless given. */
  readonly longestDelay?: number;
  /** A connection that has lasted so long was a good one: waits begin anew. 60,000 unless given. */
  readonly stableAfter?: number;
  /** How many attempts in a row may fail, before it gives up; any number unless given. */
  readonly maxAttempts?: number;
  /** How long it goes on without a connection that lasts, before it gives up; for ever unless given. */
  readonly maxElapsedTime?: number;
  /** The longest time for which a server is left alone that asks for it. 3,600,000, an hour, unless given. */
  readonly longestRetryAfter?: number;
  /** How many messages may wait for a connection; 1,000 unless given. */
  readonly maxUnsentMessages?: number;
  /** How many bytes these may have; 1,048,576 unless given. */
  readonly maxUnsentBytes?: number;
  /** How long `destination` and `resubscribe` may take. 30,000 unless given. */
  readonly hookTimeout?: number;
  /** How long the peer has to answer after the machine has woken up. 5,000 unless given. */
  readonly wakeTimeout?: number;
  /** A number from 0 to 1 for each wait; `Math.random` unless given. */
  readonly random?: () => number;
  /**
   * Where the next attempt leads, when that is not always the same: with a new token, for example. An
   * attempt whose hook throws, or whose promise is rejected, has failed, and the next one follows. The
   * signal is aborted when nobody waits for it any more.
   */
  readonly destination?: (
    signal: AbortSignal,
  ) => Destination | Destination['target'] | PromiseLike<Destination | Destination['target']>;
  /**
   * Tells each new connection what is wanted of it, before any message goes out that has waited. When
   * it throws, or its promise is rejected, the connection is given up, and the next attempt follows.
   */
  readonly resubscribe?: (socket: QWebSocketBase, signal: AbortSignal) => unknown;
  /** Decides whether to give up; what would be decided without is `failure.isFatal`. */
  readonly isFatal?: (failure: ReconnectFailure) => boolean;
  /** What tells that the machine has woken up, such as Electron's `powerMonitor`, instead of what the platform has. */
  readonly wakeSource?: WakeSource;
}

/** What is a number of the options. */
interface Numbers {
  readonly firstDelay: number;
  readonly longestDelay: number;
  readonly stableAfter: number;
  readonly maxAttempts: number;
  readonly maxElapsedTime: number;
  readonly longestRetryAfter: number;
  readonly maxUnsentMessages: number;
  readonly maxUnsentBytes: number;
  readonly hookTimeout: number;
  readonly wakeTimeout: number;
}

/** The options, with all numbers. */
export type ReconnectSettings = ReconnectOptions & Numbers;

const DEFAULTS: Numbers = {
  firstDelay: 1_000,
  longestDelay: 30_000,
  stableAfter: 60_000,
  maxAttempts: Infinity,
  maxElapsedTime: Infinity,
  longestRetryAfter: 3_600_000,
  maxUnsentMessages: 1_000,
  maxUnsentBytes: 1_048_576,
  hookTimeout: 30_000,
  wakeTimeout: 5_000,
};

/** What a timer can be set to. */
const LONGEST = 2 ** 31 - 1;

/** What is not waited for with a timer, and may be without end. */
const ENDLESS = /^(?:max|stableAfter)/;

/** Of what there may be none. */
const MAY_BE_ZERO = /^(?:max|longestRetryAfter|stableAfter)/;

/**
 * `options` with the defaults for the rest.
 *
 * @throws RangeError for what is no number in its range.
 */
export function toReconnectSettings(options: ReconnectOptions): ReconnectSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = { ...DEFAULTS, ...Object.fromEntries(given) } as ReconnectSettings;
  for (const name of Object.keys(DEFAULTS) as (keyof Numbers)[]) {
    check(name, settings[name]);
  }
  return settings;
}

function check(name: string, value: unknown): void {
  const most = ENDLESS.test(name) ? Infinity : LONGEST;
  const mayBeZero = MAY_BE_ZERO.test(name);
  const isNumber = typeof value === 'number' && value <= most;
  if (isNumber && (value > 0 || (value === 0 && mayBeZero))) return;
  throw new RangeError(`${name} must be ${mayBeZero ? 'from' : 'above'} 0, and at most ${most}.`);
}
