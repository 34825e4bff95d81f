import { acceptDeflateOffer } from '../../codec/deflate-parameters.ts';
import { versionRefusal, type HandshakeRequest } from '../../codec/handshake-request.ts';
import {
  BUSY,
  CROWDED,
  FORBIDDEN,
  headRefusal,
  MISCONFIGURED,
  responseFields,
} from '../../codec/handshake-response.ts';
import type { HeadFailure } from '../../codec/http-head.ts';
import { chooseSubprotocol } from '../../codec/negotiation.ts';
import { isRefusal, type Refusal } from '../../codec/refusal.ts';
import { explained, placeOf, withoutUrlSecrets } from '../../network/failure-text.ts';
import { CloseCode, Version } from '../../websockets/qwebsocketprotocol.ts';
import type { ServerBackendEvents, ServerSettings } from '../../websockets/server-backend.ts';
import type { Endpoint } from '../../websockets/socket-backend.ts';
import type { AgreedCompression } from '../adopt-stream.ts';
import { DeflateCoder } from '../deflate-coder.ts';
import { possibleDeflate } from '../possible-deflate.ts';

/** One who asks for a WebSocket, over whatever version of HTTP. */
export interface Applicant {
  /** Whether nobody waits for an answer any more. */
  readonly isGone: boolean;
  /** Who it is, for people. */
  peer(): Endpoint;
  /** Opens the WebSocket. */
  granted(request: HandshakeRequest, grant: Grant): void;
  /** Answers with the refusal, and reports it behind that. */
  denied(denial: Denial): void;
}

/** What a request is granted. */
export interface Grant {
  /** '' for none. */
  readonly subprotocol: string;
  readonly compression: AgreedCompression | undefined;
  /** The headers that say so, without those of one version of HTTP: name, value, … */
  readonly fields: readonly string[];
}

/** Why a request is refused. */
export interface Denial {
  readonly refusal: Refusal;
  /** What `serverError` tells of it; nothing for what Qt does not report. */
  readonly report?: { readonly code: CloseCode; readonly words: string };
}

/** Whose rules count. */
export interface Office {
  readonly events: ServerBackendEvents;
  readonly settings: Readonly<ServerSettings>;
}

/**
 * Decides about a request and tells `applicant`, once; one that is gone hears nothing.
 *
 * The order is Qt's, and that of what it costs: whether there is room, whether the request is good,
 * its origin, its version; then what is agreed on.
 */
export function decide(
  request: HandshakeRequest | Refusal,
  applicant: Applicant,
  { events, settings }: Office,
): void {
  if (!events.hasRoom()) {
    const isHeadOnly = isRefusal(request) && request.isHeadOnly === true;
    const words = 'Too many pending connections.';
    applicant.denied(
      reported(CloseCode.CloseCodeAbnormalDisconnection, words, { ...BUSY, isHeadOnly }, applicant),
    );
    return;
  }
  if (isRefusal(request)) {
    applicant.denied({ refusal: request });
    return;
  }
  const isAllowed = events.isOriginAllowed(request.origin, request.host);
  // A slot may have closed the server, or the client gone.
  if (applicant.isGone) return;
  if (!isAllowed) {
    applicant.denied(wrongOrigin(request, applicant));
  } else if (request.version !== Version.Version13) {
    applicant.denied(wrongVersion(request, applicant));
  } else {
    grant(request, applicant, settings);
  }
}

/** Of a request that is too large, together with others that are being read. */
export function crowded(applicant: Applicant): Denial {
  const words = 'Pending requests are too large together.';
  return reported(CloseCode.CloseCodeAbnormalDisconnection, words, CROWDED, applicant);
}

/** Of what is no request head, or too large for one. */
export function unreadable(failure: HeadFailure, applicant: Applicant): Denial {
  const refusal = headRefusal(failure);
  if (failure.part !== 'head') return { refusal };
  const words = 'Header is too large.';
  return reported(CloseCode.CloseCodeTooMuchData, words, refusal, applicant);
}

function grant(
  request: HandshakeRequest,
  applicant: Applicant,
  settings: Readonly<ServerSettings>,
): void {
  const { serverName, supportedSubprotocols } = settings;
  const subprotocol = chooseSubprotocol(request.subprotocols, supportedSubprotocols);
  const compression = agree(request.extensions, settings);
  const extensions = compression?.extensions ?? '';
  const answer = responseFields({ subprotocol, extensions, serverName, date: new Date() });
  if ('fault' in answer) {
    const code = CloseCode.CloseCodeAbnormalDisconnection;
    const why = ', because of our server name';
    applicant.denied(reported(code, answer.fault, MISCONFIGURED, applicant, why));
  } else {
    applicant.granted(request, { subprotocol, compression, fields: answer.fields });
  }
}

function agree(
  offers: readonly string[],
  { compression }: Readonly<ServerSettings>,
): AgreedCompression | undefined {
  if (compression === undefined) return undefined;
  const agreement = acceptDeflateOffer(offers, possibleDeflate(compression));
  if (agreement === undefined) return undefined;
  const { extensions, parameters } = agreement;
  return { extensions, coder: new DeflateCoder(false, parameters, compression) };
}

function wrongOrigin({ origin }: HandshakeRequest, applicant: Applicant): Denial {
  const from = origin === '' ? '' : `, origin ${originOf(origin)}`;
  const code = CloseCode.CloseCodePolicyViolated;
  return reported(code, 'Access forbidden.', FORBIDDEN, applicant, from);
}

function wrongVersion({ version }: HandshakeRequest, applicant: Applicant): Denial {
  const asked = `, which asked for ${version}`;
  const words = 'Unsupported version requested.';
  return reported(CloseCode.CloseCodeProtocolError, words, versionRefusal(), applicant, asked);
}

/** A denial that is told of: Qt's words, then who is answered with what, and why. */
function reported(
  code: CloseCode,
  words: string,
  refusal: Refusal,
  applicant: Applicant,
  why = '',
): Denial {
  const { address, port } = applicant.peer();
  const detail = `status ${refusal.status} to ${placeOf(address, port)}${why}`;
  return { refusal, report: { code, words: explained(words, { layer: 'HTTP', detail }) } };
}

/** An origin for people: `null` is one as well (RFC 6454 §7). */
function originOf(origin: string): string {
  if (!origin.includes('://')) return 'without a host';
  const shown = withoutUrlSecrets(origin, 'http://null');
  // As programs compare it: an origin has no path, a URL always has one.
  return origin.endsWith('/') ? shown : shown.replace(/\/$/, '');
}
