import { expect } from 'chai';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type TlsOptions, type TLSSocket } from 'node:tls';
import { peerChainOf, sessionOf, verificationErrors } from '../../lib/node/peer-verification.ts';
import { SslProtocol } from '../../lib/ssl/qssl.ts';
import { SslError } from '../../lib/ssl/qsslerror.ts';
import { pem, SecurePeer, showing } from '../support/secure-peer.ts';

const {
  HostNameMismatch,
  CertificateExpired,
  SelfSignedCertificate,
  UnableToGetLocalIssuerCertificate,
  UnableToVerifyFirstCertificate,
  NoPeerCertificate,
  UnspecifiedError,
} = SslError;

describe('the verification of a peer', () => {
  let peer: SecurePeer | undefined;
  let socket: TLSSocket | undefined;

  afterEach(() => {
    socket?.destroy();
    peer?.close();
  });

  /** Connects to a server with the certificate `name`, trusting the authority `authority`. */
  async function connectTo(options: TlsOptions, authority: string): Promise<TLSSocket> {
    peer = await SecurePeer.listen(options);
    socket = connect({
      ...(options as ConnectionOptions),
      port: peer.port,
      host: '127.0.0.1',
      ca: pem(`${authority}.crt`),
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    await once(socket, 'secureConnect');
    return socket;
  }

  type Row = readonly [certificate: string, authority: string, host: string, errors: SslError[]];
  const rows: Record<string, Row> = {
    'nothing wrong': ['server', 'ca', 'localhost', []],
    'nothing wrong with an address': ['server', 'ca', '127.0.0.1', []],
    'nothing wrong with an address of 16 bytes': ['server', 'ca', '::1', []],
    'nothing wrong with a name in Punycode': ['names', 'root', 'xn--bcher-kva.example', []],
    'nothing wrong with a name below a domain': ['names', 'root', 'a.wild.example', []],
    'a name two levels below a domain': ['names', 'root', 'a.b.wild.example', [HostNameMismatch]],
    'the domain itself': ['names', 'root', 'wild.example', [HostNameMismatch]],
    'an address that only the common name has': ['names', 'root', '127.0.0.1', [HostNameMismatch]],
    'another host': ['other-host', 'ca', 'localhost', [HostNameMismatch]],
    'the wrong time': ['expired', 'ca', 'localhost', [CertificateExpired]],
    'nobody who vouches but itself': ['self-signed', 'ca', 'localhost', [SelfSignedCertificate]],
    'an unknown authority': [
      'server',
      'root',
      'localhost',
      [UnableToGetLocalIssuerCertificate, UnableToVerifyFirstCertificate],
    ],
    'another host of an unknown authority': [
      'other-host',
      'root',
      '127.0.0.1',
      [HostNameMismatch, UnableToGetLocalIssuerCertificate, UnableToVerifyFirstCertificate],
    ],
  };
  for (const [what, [name, authority, host, errors]] of Object.entries(rows)) {
    it(`finds ${what}: ${name} for ${host}`, async () => {
      const stream = await connectTo(showing(name), authority);
      const chain = peerChainOf(stream);

      const found = verificationErrors(stream, chain, host);

      expect(found.map((error) => error.error())).to.deep.equal(errors);
      for (const error of found) {
        expect(error.certificate().serialNumber()).to.equal(
          sessionOf(stream, chain).peerCertificate!.serialNumber(),
        );
      }
      if (isIP(host) === 0)
        expect(verificationErrors(stream, chain, undefined)).to.have.length(
          errors.filter((error) => error !== HostNameMismatch).length,
        );
    });
  }

  it('takes a no without a reason for a no', async () => {
    const stream = await connectTo(showing('server'), 'ca');
    const chain = peerChainOf(stream);
    stream.authorized = false;

    const found = verificationErrors(stream, chain, 'localhost');

    expect(found.map((error) => error.error())).to.deep.equal([UnspecifiedError]);
  });

  it('finds that there is no certificate', async () => {
    const stream = await connectTo({ ciphers: 'aNULL@SECLEVEL=0', maxVersion: 'TLSv1.2' }, 'ca');
    const chain = peerChainOf(stream);

    expect(chain).to.deep.equal([]);
    const [error, ...others] = verificationErrors(stream, chain, 'localhost');
    expect([error!.error(), others]).to.deep.equal([NoPeerCertificate, []]);
    expect(error!.certificate().isNull()).to.equal(true);
    expect(sessionOf(stream, chain).peerCertificate).to.equal(undefined);
  });

  const depths: Record<string, [certificate: string, depth: number, errors: SslError[]]> = {
    'any depth': ['deep', 0, []],
    'a depth that is enough': ['deep', 2, []],
    'a depth that is too small': ['deep', 1, [UnspecifiedError]],
    'a chain without links': ['names', 1, []],
  };
  for (const [what, [name, depth, errors]] of Object.entries(depths)) {
    it(`counts the links of the chain: ${what}`, async () => {
      const stream = await connectTo(showing(name), 'root');

      const found = verificationErrors(stream, peerChainOf(stream), 'localhost', depth);

      expect(found.map((error) => error.error())).to.deep.equal(errors);
      for (const error of found) {
        expect(error.certificate().subjectInfo('CN')).to.deep.equal(['Upper']);
      }
    });
  }

  it('does not count the authority, when the peer shows it as well', async () => {
    const { cert, key } = showing('deep');
    const whole = { cert: `${String(cert)}${pem('root.crt')}`, key } as TlsOptions;
    const stream = await connectTo(whole, 'root');

    expect(verificationErrors(stream, peerChainOf(stream), 'localhost', 2)).to.deep.equal([]);
  });

  it('knows the chain and the session', async () => {
    const stream = await connectTo(
      { ...showing('deep'), maxVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] },
      'root',
    );

    const session = sessionOf(stream, peerChainOf(stream));

    const names = session.peerCertificateChain!.map((link) => link.subjectInfo('CN')[0]);
    expect(names.slice(0, 3)).to.deep.equal(['localhost', 'Lower', 'Upper']);
    expect(session.peerCertificate!.equals(session.peerCertificateChain![0]!)).to.equal(true);
    expect(session.sessionProtocol).to.equal(SslProtocol.TlsV1_2);
    expect(session.sessionCipher!.name()).to.equal(stream.getCipher().name);
    expect(session.nextNegotiatedProtocol).to.equal('http/1.1');
  });
});
