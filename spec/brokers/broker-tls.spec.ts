import { expect } from 'chai';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { brokerTlsOptions } from '../../lib/brokers/broker-tls.ts';
import { QSslSocket } from '../../lib/ssl/qsslsocket.ts';
import { certificate, trusting } from '../support/secure-peer.ts';

const LOOPBACK_IPV6 = {
  subject: {},
  subjectaltname: 'IP Address:0:0:0:0:0:0:0:1',
} as PeerCertificate & { subjectaltname: string };

describe('brokerTlsOptions()', () => {
  /** Whether a certificate for `names` is that of a broker called by `hosts`, of which Node says `name`. */
  function isTaken(hosts: readonly string[], name: string, names: string): boolean {
    const options = brokerTlsOptions(
      undefined,
      hosts.map((host) => ({ name: host, port: 1 })),
    );
    const shown = { subject: {}, subjectaltname: names } as PeerCertificate;
    return options.checkServerIdentity!(name, shown) === undefined;
  }

  it('looks for the address that a broker was called by, where Node has no name', () => {
    expect(isTaken(['10.0.0.5'], 'localhost', 'IP Address:10.0.0.5')).to.equal(true);
    // Node 22.23 takes no certificate for an address of IPv6.
    expect(isTaken(['::1'], 'localhost', LOOPBACK_IPV6.subjectaltname)).to.equal(
      checkServerIdentity('::1', LOOPBACK_IPV6) === undefined,
    );
    expect(isTaken(['10.0.0.5'], 'localhost', 'DNS:localhost')).to.equal(false);
    expect(isTaken(['a.example'], 'localhost', 'DNS:localhost')).to.equal(false);
    expect(isTaken(['a.example'], 'localhost', 'DNS:a.example')).to.equal(true);
  });

  it('looks for the name of localhost when it was called by that', () => {
    expect(isTaken(['localhost', '10.0.0.5'], 'localhost', 'DNS:localhost')).to.equal(true);
    expect(isTaken(['localhost', '10.0.0.5'], 'localhost', 'IP Address:10.0.0.5')).to.equal(true);
    expect(isTaken(['localhost'], 'localhost', 'DNS:other.example')).to.equal(false);
  });

  it('looks for the name that Node knows', () => {
    expect(isTaken(['a.example', '10.0.0.5'], 'a.example', 'DNS:a.example')).to.equal(true);
    expect(isTaken(['a.example', '10.0.0.5'], 'a.example', 'IP Address:10.0.0.5')).to.equal(false);
  });

  it('has the broker verified unless it is told not to', () => {
    expect(brokerTlsOptions(undefined, []).rejectUnauthorized).to.equal(true);
    const configuration = trusting();
    expect(brokerTlsOptions(configuration, [])).to.include({ rejectUnauthorized: true });
    expect(brokerTlsOptions(configuration, []).ca).to.deep.equal([certificate('ca').toPem()]);

    configuration.setPeerVerifyMode(QSslSocket.VerifyNone);
    expect(brokerTlsOptions(configuration, []).rejectUnauthorized).to.equal(false);
  });
});
