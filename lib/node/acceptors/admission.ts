import { acceptDeflateOffer } from '../../codec/deflate-parameters.ts';
import type { HandshakeRequest } from '../../codec/handshake-request.ts';
import { responseFields } from '../../codec/handshake-response.ts';
import { chooseSubprotocol } from '../../codec/negotiation.ts';
import { NO_PARAMETERS, pathOf, type PathParameters } from '../../codec/path-pattern.ts';
import { isRefusal, type Refusal } from '../../codec/refusal.ts';
import { streamVersionRefusal } from '../../codec/stream-handshake.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import {
  describeRequest,
  Method,
  type QHttpServerRequest,
} from '../../websockets/qhttpserverrequest.ts';
import {
  ResponseType,
  type QHttpServerWebSocketUpgradeResponse,
} from '../../websockets/qhttpserverwebsocketupgraderesponse.ts';
import { Version } from '../../websockets/qwebsocketprotocol.ts';
import type { ServerBackendEvents, ServerSettings } from '../../websockets/server-backend.ts';
import type { Endpoint } from '../../websockets/socket-backend.ts';
import type { UpgradeInquiry, UpgradeOutcome } from '../../websockets/upgrade-inquiry.ts';
import type { UpgradeVerifiers } from '../../websockets/upgrade-verifiers.ts';
import type { AgreedCompression, Agreement } from '../adopt-stream.ts';
import { DeflateCoder } from '../deflate-coder.ts';
import { possibleDeflate } from '../possible-deflate.ts';
import type { PathMatch } from '../path-table.ts';
import {
  badHeader,
  badPath,
  busy,
  denied,
  failed,
  invalid,
  unsendable,
  unwanted,
  wrongOrigin,
  wrongVersion,
  type Denial,
} from './denials.ts';
import { headersOf, refusalOf } from './verifier-answer.ts';

const NOT_OFFERED = 'A verifier has chosen a subprotocol that was not offered.';
const OUR_NAME = ', because of our server name';

/** One who asks for a WebSocket, over whatever version of HTTP. */
export interface Applicant {
  /** Whether nobody waits for an answer any more. */
  readonly isGone: boolean;
  readonly method: Method;
  /** What is known of an encrypted connection. */
  readonly sslConfiguration: QSslConfiguration | undefined;
  peer(): Endpoint;
  /** Our end of the connection. */
  local(): Endpoint;
  /**
   * The decision takes time: what is left of the handshake timeout.
   *
   * @param inquiry is cancelled when the applicant is gone before there is a decision.
   * @param size how many bytes of the request are held for that.
   */
  waits(inquiry: UpgradeInquiry, size: number): void;
  /**
   * The rules of another server count from now on, which has the path.
   *
   * @returns false when that has no room for it, and has refused it.
   */
  moveTo(office: Office): boolean;
  /** Opens the WebSocket. */
  granted(request: HandshakeRequest, grant: Grant): void;
  /** Answers with the refusal, and reports it behind that. */
  denied(denial: Denial): void;
}

/** What a request is granted. */
export interface Grant extends Agreement {
  /** The headers that say so, without those of one version of HTTP: name, value, … */
  readonly fields: readonly string[];
}

/** Whose rules count. */
export interface Office {
  readonly events: ServerBackendEvents;
  readonly settings: Readonly<ServerSettings>;
  /** Who else has `path`, if it is one of those that were given away. */
  findPath(path: string): PathMatch<Office> | undefined;
}

/**
 * Finds out who has the path of a request, and has that one decide about it.
 *
 * `applicant` is told, once; one that is gone hears nothing.
 *
 * @param parameters those of its path, as far as they are known already.
 */
export function decide(
  request: HandshakeRequest | Refusal,
  applicant: Applicant,
  office: Office,
  parameters: PathParameters = NO_PARAMETERS,
): void {
  const match = isRefusal(request) ? undefined : office.findPath(pathOf(request.target));
  if (match === undefined) {
    judge(request, applicant, office, parameters);
  } else if (match.parameters === undefined) {
    applicant.denied(badPath());
  } else if (applicant.moveTo(match.target)) {
    judge(request, applicant, match.target, match.parameters);
  }
}

/**
 * The order is Qt's, and that of what it costs: whether there is room, whether the request is good,
 * its origin, its version, what verifiers say; then what is agreed on. Only verifiers may take time.
 */
function judge(
  request: HandshakeRequest | Refusal,
  applicant: Applicant,
  office: Office,
  parameters: PathParameters,
): void {
  const { events, settings } = office;
  if (!events.hasRoom()) {
    const isHeadOnly = isRefusal(request) && request.isHeadOnly === true;
    applicant.denied(busy(applicant.peer(), isHeadOnly));
    return;
  }
  if (isRefusal(request)) {
    applicant.denied(invalid(request));
    return;
  }
  const isAllowed = events.isOriginAllowed(request.origin, request.host);
  // A slot may have closed the server, or the client gone.
  if (applicant.isGone) return;
  if (!isAllowed) {
    applicant.denied(wrongOrigin(request.origin, applicant.peer()));
  } else if (request.version !== Version.Version13) {
    const refusal = applicant.method === Method.Connect ? streamVersionRefusal() : undefined;
    applicant.denied(wrongVersion(request.version, applicant.peer(), refusal));
  } else if (settings.verifiers !== undefined) {
    verify(request, applicant, office, settings.verifiers, parameters);
  } else if (parameters.size > 0) {
    grant(request, applicant, settings, { decided: describe(request, applicant, parameters) });
  } else {
    grant(request, applicant, settings, {});
  }
}

function describe(
  { written }: HandshakeRequest,
  applicant: Applicant,
  parameters: PathParameters,
): QHttpServerRequest {
  return describeRequest({
    method: applicant.method,
    written,
    peer: applicant.peer(),
    local: applicant.local(),
    sslConfiguration: applicant.sslConfiguration,
    parameters,
  });
}

function verify(
  request: HandshakeRequest,
  applicant: Applicant,
  office: Office,
  verifiers: UpgradeVerifiers,
  parameters: PathParameters,
): void {
  // Its parts take the place of the head as soon as somebody asks for them.
  const { size } = request.written;
  const described = describe(request, applicant, parameters);
  const inquiry = verifiers.ask(described, (outcome) =>
    settle(request, applicant, office, described, outcome),
  );
  if (inquiry === undefined) return;
  // The verifier may have closed the server.
  if (applicant.isGone) inquiry.cancel('closed');
  else applicant.waits(inquiry, size);
}

function settle(
  request: HandshakeRequest,
  applicant: Applicant,
  { events, settings }: Office,
  described: QHttpServerRequest,
  outcome: UpgradeOutcome,
): void {
  // The verifier may have closed the server, the client may have left, or the time be over.
  if (applicant.isGone) return;
  if (outcome === 'failed') {
    applicant.denied(failed(applicant.peer()));
  } else if (outcome === 'passed') {
    applicant.denied(unwanted(applicant.peer()));
  } else if (outcome.type() === ResponseType.Deny) {
    const refusal = refusalOf(outcome);
    const peer = applicant.peer();
    applicant.denied(refusal === undefined ? badHeader(peer) : denied(refusal, peer));
  } else if (!events.hasRoom()) {
    // While this one waited, others have come.
    applicant.denied(busy(applicant.peer(), false));
  } else {
    grant(request, applicant, settings, { answer: outcome, decided: described });
  }
}

/** What verifiers have said, if there are any. */
interface Permission {
  readonly answer?: QHttpServerWebSocketUpgradeResponse;
  readonly decided?: QHttpServerRequest;
}

function grant(
  request: HandshakeRequest,
  applicant: Applicant,
  settings: Readonly<ServerSettings>,
  { answer, decided }: Permission,
): void {
  const { serverName, supportedSubprotocols } = settings;
  const subprotocol =
    answer?.subprotocol() ?? chooseSubprotocol(request.subprotocols, supportedSubprotocols);
  const compression = agree(request.extensions, settings);
  const headers = answer === undefined ? undefined : headersOf(answer);
  const outcome = responseFields({
    subprotocol,
    extensions: compression?.extensions ?? '',
    serverName,
    date: new Date(),
    headers,
  });
  if (answer !== undefined && headers === undefined) {
    applicant.denied(badHeader(applicant.peer()));
  } else if (subprotocol !== '' && !request.subprotocols.includes(subprotocol)) {
    applicant.denied(unsendable(NOT_OFFERED, applicant.peer()));
  } else if ('fault' in outcome) {
    applicant.denied(unsendable(outcome.fault, applicant.peer(), OUR_NAME));
  } else {
    applicant.granted(request, { subprotocol, compression, decided, fields: outcome.fields });
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
