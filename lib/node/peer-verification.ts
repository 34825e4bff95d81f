import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { derChildren, derElement, SEQUENCE, type DerElement } from '../ssl/der.ts';
import { sslProtocolOf } from '../ssl/qssl.ts';
import { QSslCertificate } from '../ssl/qsslcertificate.ts';
import { QSslCipher } from '../ssl/qsslcipher.ts';
import { QSslError, SslError } from '../ssl/qsslerror.ts';
import type { SslSession } from '../ssl/ssl-settings.ts';

// OpenSSL reports the last problem that it met; this one comes behind the other, and Qt tells both.
const LEAF_NOT_VERIFIED = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
const NO_LOCAL_ISSUER = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';

// A runtime that says no and not why has said no.
const UNSPECIFIED = 'UNSPECIFIED';

// OpenSSL writes sessions in ASN.1, and the peer's certificate as the field [3] EXPLICIT.
const PEER_OF_SESSION = 0xa3;

// What newer versions of Node put before a session: a mark, and the name of a host.
const MAX_PREFIX = 1024;

// More links than any verifier follows.
const MAX_CHAIN = 100;

/**
 * The certificates of the peer, its own first; empty when it has shown none. Of a session that was
 * resumed it is its own alone: all that OpenSSL has kept.
 *
 * To be asked for once: Node 20 takes them out of the connection. And not by getPeerCertificate(),
 * whose older form of a certificate has crashed a Node on broken ones.
 */
export function peerChainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let link = socket.getPeerX509Certificate() ?? peerOfSession(socket);
  while (link !== undefined && chain.length < MAX_CHAIN) {
    chain.push(link);
    link = link.issuerCertificate;
  }
  return chain;
}

/**
 * What is wrong with the peer of `socket`, in Qt's order.
 *
 * @param chain its certificates, its own first.
 * @param host the name or address that the certificate has to bear; undefined on a server.
 * @param depth how many certificates may stand between its own and the authority's, as OpenSSL
 *   counts; 0 for any number. Node says which ones the peer has shown, and not which ones OpenSSL
 *   has found by itself: those are not counted.
 */
export function verificationErrors(
  socket: TLSSocket,
  chain: readonly X509Certificate[],
  host: string | undefined,
  depth = 0,
): QSslError[] {
  const [peer] = chain;
  if (peer === undefined) return [new QSslError(SslError.NoPeerCertificate)];

  const certificate = new QSslCertificate(peer);
  const errors: QSslError[] = [];
  if (host !== undefined && !bears(peer, host)) {
    errors.push(new QSslError(SslError.HostNameMismatch, certificate));
  }
  // The types promise an Error; it is OpenSSL's code.
  const code = socket.authorized ? '' : String(socket.authorizationError ?? UNSPECIFIED);
  if (code === LEAF_NOT_VERIFIED) errors.push(QSslError.fromOpenSsl(NO_LOCAL_ISSUER, certificate));
  if (code !== '') errors.push(QSslError.fromOpenSsl(code, certificate));
  const links = chain.slice(1).filter((link) => !link.checkIssued(link));
  if (depth > 0 && links.length > depth) {
    const last = new QSslCertificate(links.at(-1));
    errors.push(QSslError.fromOpenSsl('CERT_CHAIN_TOO_LONG', last));
  }
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

/** Node looks for it among what was sent, and in a resumed session nothing is. */
function peerOfSession(socket: TLSSocket): X509Certificate | undefined {
  const session = socket.isSessionReused() ? socket.getSession() : undefined;
  const content = session === undefined ? undefined : lastSequence(session);
  if (session === undefined || content === undefined) return undefined;
  for (const { tag, start, end } of derChildren(session, content)) {
    if (tag === PEER_OF_SESSION) return new X509Certificate(session.subarray(start, end));
  }
  return undefined;
}

/** The sequence with which `bytes` end. */
function lastSequence(bytes: Buffer): DerElement | undefined {
  for (let at = 0; at <= MAX_PREFIX && at < bytes.length; at++) {
    const element = derElement(bytes, at);
    if (element?.tag === SEQUENCE && element.end === bytes.length) return element;
  }
  return undefined;
}

/** Whether `certificate` was made out for `host` (RFC 6125 §6.4). */
function bears(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host) !== undefined;
}
