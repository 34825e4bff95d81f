import { parseChallenges } from '../../codec/challenge.ts';
import { hasCredentials, type Credentials } from '../../codec/credentials.ts';
import {
  basicAuthorization,
  ChallengeOutcome,
  chooseChallenge,
  type HttpAuthentication,
} from '../../codec/http-authentication.ts';
import type { HeadFailure, HttpHead } from '../../codec/http-head.ts';
import { fieldValues, readStatusLine } from '../../codec/http-response.ts';
import {
  printable,
  withoutSecrets,
  withoutUrlSecrets,
  type FailureCause,
} from '../../network/failure-text.ts';
import { percentDecode } from '../../network/percent-encoding.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import type { QHttpHeaders } from '../../network/qhttpheaders.ts';
import type { OpeningEvents } from '../../websockets/socket-backend.ts';
import type { SocketFailure } from '../socket-errors.ts';
import { readRefusal } from './read-refusal.ts';

// In UTF-16 code units: Qt's texts quote what the peer has written.
const LONGEST_TEXT = 400;

// What TLS begins an alert with (RFC 8446 §5.1).
const ALERT = 0x15;
const TLS_MAJOR = 0x03;

const PROCESS = 'QWebSocketPrivate::processHandshake: ';

/** What a request holds that its peer may send back, and nobody else is to read. */
export interface SecretParts {
  readonly resourceName: string;
  readonly headers: QHttpHeaders;
  readonly user: string;
  readonly password: string;
}

/** A request whose peer is to be named. */
export interface NamedRequest extends SecretParts {
  /** The value of `Host`. */
  readonly authority: string;
}

/**
 * Has the application answer a 401; returns what Qt says where it cannot, or the empty string.
 *
 * A slot may give the attempt up meanwhile.
 */
export function challengeComplaint(
  authentication: HttpAuthentication,
  head: HttpHead,
  events: OpeningEvents,
): string {
  const values = fieldValues(head, 'www-authenticate');
  const outcome = authentication.challenged(values, (authenticator) => {
    events.authenticationRequired(authenticator);
  });
  if (outcome === ChallengeOutcome.Answered) return '';
  if (outcome === ChallengeOutcome.Unanswered) {
    return 'QWebSocket::processHandshake: Host requires authentication';
  }
  const plural = values.length === 1 ? '' : 's';
  return `${PROCESS}Unsupported WWW-Authenticate challenge${plural} encountered.`;
}

/** What it means that the answer `head` opens no WebSocket; `description` is Qt's and may quote it. */
export function refusedBy(
  head: HttpHead,
  description: string,
  request: NamedRequest,
  credentials: Credentials,
): SocketFailure {
  const secrets = secretsOf(request, credentials);
  return {
    error: SocketError.ConnectionRefusedError,
    // It quotes the peer, which may be quoting us.
    description: wordsAbout(description, head, secrets),
    cause: answerCause(request.authority, head, secrets),
    refusal: readRefusal(head),
  };
}

/** What it means that a request cannot be written, because of `description`. */
export function unsendable(description: string): SocketFailure {
  const cause: FailureCause = { layer: 'request', detail: 'nothing of it was sent' };
  return { error: SocketError.ConnectionRefusedError, description, cause };
}

/** What of `request`, and of the `credentials` that were tried last, nobody else is to read. */
export function secretsOf(request: SecretParts, credentials: Credentials): string[] {
  const query = request.resourceName.split('?').slice(1).join('?');
  const secrets = [query];
  for (const parameter of query.split('&')) {
    const value = parameter.slice(parameter.indexOf('=') + 1);
    secrets.push(value, percentDecode(value));
  }
  for (const [, value] of request.headers) secrets.push(value, ...value.split(/[ ;,=]+/));
  for (const who of [request, credentials].filter(hasCredentials)) {
    secrets.push(who.user, who.password, basicAuthorization(who).slice('Basic '.length));
  }
  return secrets;
}

/**
 * Qt's words about the answer `head`, of bounded length. Where they quote the answer, they do it
 * without `secrets`.
 */
export function wordsAbout(words: string, head: HttpHead, secrets: readonly string[]): string {
  const values = head.fields.filter((_, i) => i % 2 === 1);
  const quotes = [readStatusLine(head.startLine)?.reason ?? '', ...values];
  // The longest first, lest a part be taken out of what is then not found any more.
  quotes.sort((one, other) => other.length - one.length);
  // Qt's own words stay, whatever the secrets are: programs look for them.
  const safe = quotes.reduce((text, quote) => {
    const shown = withoutSecrets(quote, secrets);
    return shown === quote ? text : text.replaceAll(quote, () => shown);
  }, words);
  return printable(safe, LONGEST_TEXT);
}

/** What stands behind an answer that is none to an upgrade request, without `secrets`. */
export function answerCause(
  place: string,
  head: HttpHead,
  secrets: readonly string[],
): FailureCause {
  const status = readStatusLine(head.startLine)?.status;
  const parts = [status === undefined ? `${place} sent no status` : `status ${status} of ${place}`];
  const [location] = fieldValues(head, 'location');
  if (location !== undefined) {
    parts.push(`redirects to ${withoutUrlSecrets(location, `http://${place}`, secrets)}`);
  }
  const [pause] = fieldValues(head, 'retry-after');
  // A number of seconds or a date (RFC 9110 §10.2.3).
  if (pause !== undefined && /^[\w ,:]{1,40}$/.test(pause)) {
    parts.push(`retry after ${withoutSecrets(pause, secrets)}`);
  }
  return { layer: 'HTTP', detail: parts.join(', '), advice: adviceFor(status, head) };
}

/** What stands behind bytes that are no head of HTTP; `chunk` has shown it. */
export function garbledCause(place: string, { reason }: HeadFailure, chunk: Buffer): FailureCause {
  if (chunk[0] === ALERT && chunk[1] === TLS_MAJOR) {
    const advice = 'Open it with wss:.';
    return { layer: 'HTTP', detail: `${place} speaks TLS`, advice };
  }
  const finding = reason.endsWith('.') ? reason.slice(0, -1) : reason;
  return { layer: 'HTTP', detail: `the answer of ${place}: ${finding}` };
}

function adviceFor(status: number | undefined, head: HttpHead): string | undefined {
  if (status === 401) {
    const challenges = parseChallenges(fieldValues(head, 'www-authenticate'));
    return chooseChallenge(challenges) === undefined
      ? 'It asks for neither Basic nor Digest: set the header Authorization of a QNetworkRequest.'
      : 'Answer authenticationRequired with a user and a password.';
  }
  if (status !== undefined && status >= 300 && status < 400) {
    return 'Redirects are not followed: open that URL if you trust it.';
  }
  return undefined;
}
