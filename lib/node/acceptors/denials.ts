import {
  BAD_PATH,
  BUSY,
  CROWDED,
  FAILED,
  FORBIDDEN,
  headRefusal,
  MISCONFIGURED,
  UNDECIDED,
  UNWANTED,
} from '../../codec/handshake-response.ts';
import { versionRefusal } from '../../codec/handshake-request.ts';
import type { HeadFailure } from '../../codec/http-head.ts';
import type { Refusal } from '../../codec/refusal.ts';
import { explained, placeOf, withoutUrlSecrets } from '../../network/failure-text.ts';
import { CloseCode } from '../../websockets/qwebsocketprotocol.ts';
import type { RefusalReason } from '../../websockets/server-statistics.ts';
import type { Endpoint } from '../../websockets/socket-backend.ts';

/** Why a request is refused. */
export interface Denial {
  readonly refusal: Refusal;
  /** What it is counted as. */
  readonly reason: RefusalReason;
  /** What `serverError` tells of it; nothing for what Qt does not report. */
  readonly report?: { readonly code: CloseCode; readonly words: string };
}

/** Too many connections wait to be fetched. */
export function busy(peer: Endpoint, isHeadOnly: boolean): Denial {
  return abnormal('tooManyPending', 'Too many pending connections.', { ...BUSY, isHeadOnly }, peer);
}

/** The request is too large, together with others that are held. */
export function crowded(peer: Endpoint): Denial {
  return abnormal('tooLarge', 'Pending requests are too large together.', CROWDED, peer);
}

/** The request itself is not good. */
export function invalid(refusal: Refusal): Denial {
  return { refusal, reason: reasonOf(refusal) };
}

/** Its path has a parameter that nobody can go by. */
export function badPath(): Denial {
  return invalid(BAD_PATH);
}

/** The request is of somebody whose address has as many connections as it may. */
export function overcrowded(peer: Endpoint): Denial {
  return abnormal('tooManyFromOneAddress', 'Too many connections from one address.', CROWDED, peer);
}

/** It is no request head, or too large for one. */
export function unreadable(failure: HeadFailure, peer: Endpoint): Denial {
  const refusal = headRefusal(failure);
  if (failure.part !== 'head') return invalid(refusal);
  return denial('tooLarge', CloseCode.CloseCodeTooMuchData, 'Header is too large.', refusal, peer);
}

/** Pages of `origin` may not connect. */
export function wrongOrigin(origin: string, peer: Endpoint): Denial {
  const from = origin === '' ? '' : `, origin ${originOf(origin)}`;
  return forbidden('origin', 'Access forbidden.', FORBIDDEN, peer, from);
}

/** The request is for a version of the protocol that nobody here speaks. */
export function wrongVersion(
  version: number,
  peer: Endpoint,
  refusal: Refusal = versionRefusal(),
): Denial {
  const asked = `, which asked for ${version}`;
  const words = 'Unsupported version requested.';
  return denial('version', CloseCode.CloseCodeProtocolError, words, refusal, peer, asked);
}

/** A verifier has said so. */
export function denied(refusal: Refusal, peer: Endpoint): Denial {
  return forbidden('denied', 'A verifier has denied the upgrade.', refusal, peer);
}

/** There are verifiers, and none wants the request. */
export function unwanted(peer: Endpoint): Denial {
  return forbidden('denied', 'No verifier has accepted the upgrade.', UNWANTED, peer);
}

/** A verifier has failed. */
export function failed(peer: Endpoint): Denial {
  return abnormal('failed', 'A verifier of upgrades has failed.', FAILED, peer);
}

/** The verifiers take too long. */
export function undecided(peer: Endpoint): Denial {
  return abnormal('timeout', 'The upgrade was not verified in time.', UNDECIDED, peer);
}

/** A verifier has answered with a header that cannot be sent. */
export function badHeader(peer: Endpoint): Denial {
  return unsendable('A verifier has answered with a header that HTTP does not allow.', peer);
}

/** What our own side wants to answer cannot be sent: `fault` says why not. */
export function unsendable(fault: string, peer: Endpoint, why = ''): Denial {
  return abnormal('failed', fault, MISCONFIGURED, peer, why);
}

function abnormal(
  reason: RefusalReason,
  words: string,
  refusal: Refusal,
  peer: Endpoint,
  why?: string,
): Denial {
  return denial(reason, CloseCode.CloseCodeAbnormalDisconnection, words, refusal, peer, why);
}

function forbidden(
  reason: RefusalReason,
  words: string,
  refusal: Refusal,
  peer: Endpoint,
  why?: string,
): Denial {
  return denial(reason, CloseCode.CloseCodePolicyViolated, words, refusal, peer, why);
}

/** A denial that is told of: Qt's words where it has some, then who is answered with what, and why. */
function denial(
  reason: RefusalReason,
  code: CloseCode,
  words: string,
  refusal: Refusal,
  { address, port }: Endpoint,
  why = '',
): Denial {
  const detail = `status ${refusal.status} to ${placeOf(address, port)}${why}`;
  return { refusal, reason, report: { code, words: explained(words, { layer: 'HTTP', detail }) } };
}

/** What a refusal of the request itself is counted as. */
function reasonOf({ status }: Refusal): RefusalReason {
  if (status === 426) return 'noUpgrade';
  return status === 414 || status === 431 ? 'tooLarge' : 'malformed';
}

/** An origin for people: `null` is one as well (RFC 6454 §7). */
function originOf(origin: string): string {
  if (!origin.includes('://')) return 'without a host';
  const shown = withoutUrlSecrets(origin, 'http://null');
  // As programs compare it: an origin has no path, a URL always has one.
  return origin.endsWith('/') ? shown : shown.replace(/\/$/, '');
}
