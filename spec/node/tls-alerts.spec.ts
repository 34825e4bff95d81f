import { expect } from 'chai';
import { alertOf } from '../../lib/node/tls-alerts.ts';
import { AlertLevel, AlertType } from '../../lib/ssl/qssl.ts';

function failed(code?: string): NodeJS.ErrnoException {
  return Object.assign(new Error('words'), code === undefined ? {} : { code });
}

describe('alertOf()', () => {
  const alerts: Record<string, [type: AlertType, description: string]> = {
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: [AlertType.HandshakeFailure, 'handshake failure'],
    ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: [AlertType.BadCertificate, 'bad certificate'],
    ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: [AlertType.CertificateUnknown, 'certificate unknown'],
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: [AlertType.UnknownCa, 'unknown ca'],
    ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: [AlertType.ProtocolVersion, 'protocol version'],
    ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: [
      AlertType.NoApplicationProtocol,
      'no application protocol',
    ],
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
      AlertType.CertificateRequired,
      'certificate required',
    ],
    ERR_SSL_TLSV13_ALERT_MISSING_EXTENSION: [AlertType.MissingExtension, 'missing extension'],
    ERR_SSL_TLSV1_UNRECOGNIZED_NAME: [AlertType.UnrecognizedName, 'unrecognized name'],
    ERR_SSL_TLSV1_ALERT_FROM_THE_FUTURE: [AlertType.UnknownAlertMessage, 'from the future'],
  };
  for (const [code, [type, description]] of Object.entries(alerts)) {
    it(`finds a fatal alert in ${code}`, () => {
      expect(alertOf(failed(code))).to.deep.equal({ level: AlertLevel.Fatal, type, description });
    });
  }

  for (const code of [undefined, 'ECONNRESET', 'ERR_SSL_WRONG_VERSION_NUMBER', 'constructor']) {
    it(`finds none in ${code}`, () => {
      expect(alertOf(failed(code))).to.equal(undefined);
    });
  }
});
