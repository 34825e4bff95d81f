import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { sslProtocolOf } from '../ssl/qssl.ts';
import { QSslCertificate } from '../ssl/qsslcertificate.ts';
import { QSslCipher } from '../ssl/qsslcipher.ts';
import { QSslError, SslError } from '../ssl/qsslerror.ts';
import type { SslSession } from '../ssl/ssl-settings.ts';

// OpenSSL reports the last problem that it met; this one comes behind the other, and Qt tells both.
const LEAF_NOT_VERIFIED = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
const NO_LOCAL_ISSUER = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';

// More links than any verifier follows.
const MAX_CHAIN = 100;

/**
 * The certificates of the peer, its own first; empty when it has shown none.
 *
 * To be asked for once: Node 20 takes them out of the connection. And not by getPeerCertificate(),
 * whose older form of a certificate has crashed a Node on broken ones.
 */
export function peerChainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let link = socket.getPeerX509Certificate();
  while (link !== undefined && chain.length < MAX_CHAIN) {
    chain.push(link);
    link = link.issuerCertificate;
  }
  return chain;
}

/**
 * What is wrong with the peer of `socket`, in Qt's order.
 *
 * @param peer its certificate.
 * @param host the name or address that the certificate has to bear; undefined on a server.
 */
export function verificationErrors(
  socket: TLSSocket,
  peer: X509Certificate | undefined,
  host: string | undefined,
): QSslError[] {
  if (peer === undefined) return [new QSslError(SslError.NoPeerCertificate)];

  const certificate = new QSslCertificate(peer);
  const errors: QSslError[] = [];
  if (host !== undefined && !bears(peer, host)) {
    errors.push(new QSslError(SslError.HostNameMismatch, certificate));
  }
  // The types promise an Error; it is OpenSSL's code.
  const code = socket.authorized ? '' : String(socket.authorizationError ?? '');
  if (code === LEAF_NOT_VERIFIED) errors.push(QSslError.fromOpenSsl(NO_LOCAL_ISSUER, certificate));
  if (code !== '') errors.push(QSslError.fromOpenSsl(code, certificate));
  return errors;
}

/** What `socket` tells about its session. */
export function sessionOf(
  socket: TLSSocket,
  chain: readonly X509Certificate[],
): Partial<SslSession> {
  const certificates = chain.map((certificate) => new QSslCertificate(certificate));
  const [peerCertificate] = certificates;
  return {
    ...(peerCertificate === undefined ? {} : { peerCertificate }),
    peerCertificateChain: certificates,
    sessionCipher: new QSslCipher(socket.getCipher().name),
    sessionProtocol: sslProtocolOf(socket.getProtocol()),
    nextNegotiatedProtocol: socket.alpnProtocol || '',
  };
}

/** Whether `certificate` was made out for `host` (RFC 9525). */
function bears(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host) !== undefined;
}
