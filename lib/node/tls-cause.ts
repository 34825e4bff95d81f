import type { FailureCause } from '../network/failure-text.ts';
import { alertOf } from './tls-alerts.ts';

// What OpenSSL reports when the first bytes that come are no record of TLS.
const NO_TLS = /_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/;

const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [NO_TLS, 'The peer does not speak TLS there: is it a server for ws:?'],
  [
    /_(?:UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE)$/,
    'There is no version of TLS in common: QSslConfiguration.setProtocol().',
  ],
  [
    /_ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_REQUIRED)$/,
    'The peer wants another certificate of ours: QSslConfiguration.setLocalCertificate().',
  ],
  [
    /_ALERT_HANDSHAKE_FAILURE$/,
    'There is no cipher in common, or the peer wants a certificate: see QSslConfiguration.',
  ],
];

/** What stands behind an `error` that OpenSSL has met on the way to `place`. */
export function tlsCause(error: NodeJS.ErrnoException, place: string): FailureCause {
  const { code = '' } = error;
  const alert = alertOf(error);
  const finding = alert === undefined ? code : `sent the alert "${alert.description}"`;
  const advice = ADVICE.find(([pattern]) => pattern.test(code))?.[1];
  return { layer: 'TLS', detail: `${place} ${finding}`, advice };
}
