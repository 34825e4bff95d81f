import type { PatternSyntax } from './certificate-files.ts';
import { EncodingFormat, SslProtocol, type SslOption } from './qssl.ts';
import { QSslCertificate } from './qsslcertificate.ts';
import { defaultCiphers, QSslCipher, supportedCiphers } from './qsslcipher.ts';
import type { QSslKey } from './qsslkey.ts';
import type { PeerVerifyMode } from './qsslsocket.ts';
import {
  allOf,
  areSameSettings,
  copiesOf,
  EMPTY_SETTINGS,
  NO_SESSION,
  type SslSession,
  type SslSettings,
} from './ssl-settings.ts';
import { systemCertificates } from './system-certificates.ts';

/** How the choice of an application protocol ended. @enum */
export const NextProtocolNegotiationStatus = {
  /** Nothing was to be chosen, or it has not been yet. */
  NextProtocolNegotiationNone: 0,
  /** There is a {@link QSslConfiguration.nextNegotiatedProtocol}. */
  NextProtocolNegotiationNegotiated: 1,
  /** The two sides have none in common. */
  NextProtocolNegotiationUnsupported: 2,
} as const;
export type NextProtocolNegotiationStatus =
  (typeof NextProtocolNegotiationStatus)[keyof typeof NextProtocolNegotiationStatus];

/**
 * The settings of TLS connections, and what is known of one that has been made, as
 * QSslConfiguration.
 *
 * It is a value: what goes in and what comes out are copies, and a socket or server that got it
 * does not see later changes. Settings are used by the next handshake.
 *
 * A new one trusts the authorities of the system, as long as none have been set or added, although
 * its list of them is empty; so does Qt where it looks them up on demand.
 *
 * @see https://doc.qt.io/qt-6/qsslconfiguration.html
 */
export class QSslConfiguration {
  static readonly NextProtocolNegotiationStatus: typeof NextProtocolNegotiationStatus =
    NextProtocolNegotiationStatus;
  static readonly NextProtocolNegotiationNone: 0 =
    NextProtocolNegotiationStatus.NextProtocolNegotiationNone;
  static readonly NextProtocolNegotiationNegotiated: 1 =
    NextProtocolNegotiationStatus.NextProtocolNegotiationNegotiated;
  static readonly NextProtocolNegotiationUnsupported: 2 =
    NextProtocolNegotiationStatus.NextProtocolNegotiationUnsupported;
  /** HTTP/1.1 as an application protocol (RFC 7301 §6). */
  static readonly NextProtocolHttp1_1 = 'http/1.1' as const;
  /** HTTP/2 as an application protocol (RFC 9113 §3.2). */
  static readonly ALPNProtocolHTTP2 = 'h2' as const;

  static #default: QSslConfiguration | undefined;

  #settings: SslSettings = EMPTY_SETTINGS;

  /**
   * What sockets and servers begin with: nothing of their own to show, the authorities of the
   * system, the ciphers that Node prefers; or what {@link setDefaultConfiguration} got.
   */
  static defaultConfiguration(): QSslConfiguration {
    return QSslConfiguration['~default'].clone();
  }

  /** @internal What {@link defaultConfiguration} copies: shared, and not to be changed. */
  static get '~default'(): QSslConfiguration {
    return (QSslConfiguration.#default ??= QSslConfiguration.#builtIn());
  }

  /** Makes `configuration` what new sockets and servers of the process begin with. */
  static setDefaultConfiguration(configuration: QSslConfiguration): void {
    QSslConfiguration.#default = configuration.clone();
  }

  /**
   * The authorities that Node trusts by default: those it brings along, and those that
   * `NODE_EXTRA_CA_CERTS` and, since Node 22.15, `--use-system-ca` add. They are read at the first
   * call.
   */
  static systemCaCertificates(): QSslCertificate[] {
    return copiesOf(systemCertificates());
  }

  /** All ciphers that Node has. */
  static supportedCiphers(): QSslCipher[] {
    return supportedCiphers();
  }

  /** Whether everything is as in a new one. */
  isNull(): boolean {
    return areSameSettings(this.#settings, EMPTY_SETTINGS);
  }

  /** Whether both have the same settings and the same session. */
  equals(other: QSslConfiguration): boolean {
    return areSameSettings(this.#settings, other.#settings);
  }

  /** A copy that changes on its own. */
  clone(): QSslConfiguration {
    const copy = new QSslConfiguration();
    copy.#settings = this.#settings;
    return copy;
  }

  /** The versions of TLS that may be used. */
  protocol(): SslProtocol {
    return this.#settings.protocol;
  }

  /** Sets the versions of TLS that may be used; those for datagrams make the handshake fail. */
  setProtocol(protocol: SslProtocol): void {
    this.#set({ protocol });
  }

  /** What is asked of the peer's certificate. */
  peerVerifyMode(): PeerVerifyMode {
    return this.#settings.peerVerifyMode;
  }

  /** Sets what is asked of the peer's certificate. */
  setPeerVerifyMode(mode: PeerVerifyMode): void {
    this.#set({ peerVerifyMode: mode });
  }

  /**
   * How many certificates may stand between the peer's own and the root, as OpenSSL counts; 0, the
   * default, for any number.
   */
  peerVerifyDepth(): number {
    return this.#settings.peerVerifyDepth;
  }

  /** Sets {@link peerVerifyDepth}; a negative number is ignored, as in Qt. */
  setPeerVerifyDepth(depth: number): void {
    if (depth >= 0) this.#set({ peerVerifyDepth: depth });
  }

  /** The certificate that is shown to the peer: the first of the chain, or a null one. */
  localCertificate(): QSslCertificate {
    return this.#settings.localCertificateChain[0]?.clone() ?? new QSslCertificate();
  }

  /** Sets the certificate that is shown to the peer, without others; its key has to be set, too. */
  setLocalCertificate(certificate: QSslCertificate): void {
    this.setLocalCertificateChain([certificate]);
  }

  /** The certificates that are shown to the peer, the own one first. */
  localCertificateChain(): QSslCertificate[] {
    return copiesOf(this.#settings.localCertificateChain);
  }

  /** Sets the certificates that are shown to the peer: the own one, then those of its issuers. */
  setLocalCertificateChain(chain: readonly QSslCertificate[]): void {
    this.#set({ localCertificateChain: copiesOf(chain) });
  }

  /** The key of {@link localCertificate}; null unless it was set. */
  privateKey(): QSslKey {
    return this.#settings.privateKey.clone();
  }

  /** Sets the key of {@link localCertificate}. */
  setPrivateKey(key: QSslKey): void {
    this.#set({ privateKey: key.clone() });
  }

  /** The authorities that are trusted; none in a new one, although it trusts the system's. */
  caCertificates(): QSslCertificate[] {
    return copiesOf(allOf(this.#settings.authorities));
  }

  /** Trusts `certificates` and no others; none at all makes every peer untrusted. */
  setCaCertificates(certificates: readonly QSslCertificate[]): void {
    this.#set({
      authorities: { withSystem: false, own: copiesOf(certificates), isChosen: true },
    });
  }

  /** Trusts `certificate` beside {@link caCertificates}. */
  addCaCertificate(certificate: QSslCertificate): void {
    this.addCaCertificates([certificate]);
  }

  /** Trusts `certificates` beside {@link caCertificates}. */
  addCaCertificates(certificates: readonly QSslCertificate[]): void;
  /**
   * Trusts the certificates in the files that `path` names, beside {@link caCertificates}; see
   * {@link QSslCertificate.fromPath}.
   *
   * @returns whether there are any.
   */
  addCaCertificates(path: string, format?: EncodingFormat, syntax?: PatternSyntax): boolean;
  addCaCertificates(
    source: readonly QSslCertificate[] | string,
    format: EncodingFormat = EncodingFormat.Pem,
    syntax?: PatternSyntax,
  ): boolean {
    const isPath = typeof source === 'string';
    const added = isPath ? QSslCertificate.fromPath(source, format, syntax) : copiesOf(source);
    if (isPath && added.length === 0) return false;
    const { authorities } = this.#settings;
    this.#set({
      authorities: { ...authorities, own: [...authorities.own, ...added], isChosen: true },
    });
    return true;
  }

  /** The ciphers that may be used, the most wanted first; none leaves the choice to Node. */
  ciphers(): QSslCipher[] {
    return [...this.#settings.ciphers.list];
  }

  /**
   * Sets the ciphers that may be used, the most wanted first.
   *
   * Text is names with colons between, and may hold everything else that OpenSSL understands, such
   * as `@SECLEVEL=0`; {@link QSslConfiguration.ciphers} has the names in it. Ciphers of TLS 1.3 are only limited when
   * at least one of them is named.
   */
  setCiphers(ciphers: readonly QSslCipher[] | string): void {
    const isText = typeof ciphers === 'string';
    const list = isText ? ciphers.split(':').map((name) => new QSslCipher(name)) : ciphers;
    const known = list.filter((cipher) => !cipher.isNull());
    const text = isText ? ciphers : known.map((cipher) => cipher.name()).join(':');
    this.#set({ ciphers: { list: known, text: text || undefined } });
  }

  /** The application protocols that may be chosen, the most wanted first. */
  allowedNextProtocols(): string[] {
    return [...this.#settings.allowedNextProtocols];
  }

  /**
   * Sets the application protocols that may be chosen (ALPN, RFC 7301), the most wanted first:
   * names of 1 to 255 bytes; others are left out of the handshake.
   */
  setAllowedNextProtocols(protocols: readonly string[]): void {
    this.#set({ allowedNextProtocols: [...protocols] });
  }

  /** What a server says to help clients choose an identity for a pre-shared key (RFC 4279 §5.2). */
  preSharedKeyIdentityHint(): string {
    return this.#settings.preSharedKeyIdentityHint;
  }

  /** Sets {@link preSharedKeyIdentityHint}: at most 128 bytes. */
  setPreSharedKeyIdentityHint(hint: string): void {
    this.#set({ preSharedKeyIdentityHint: hint });
  }

  /**
   * The session to resume or that can be resumed, as Node's `getSession()` has it. With TLS 1.3 it
   * comes after `connected`.
   */
  sessionTicket(): Uint8Array {
    return this.#settings.sessionTicket.slice();
  }

  /**
   * Sets the session to resume: bytes that {@link QSslConfiguration.sessionTicket} gave earlier. They let whoever has
   * them read the connection. `SslOptionDisableSessionPersistence` has to be off.
   */
  setSessionTicket(sessionTicket: Uint8Array): void {
    this.#set({ sessionTicket: new Uint8Array(sessionTicket) });
  }

  /** Whether problems are reported while the handshake is going on, so that it can be broken off. */
  handshakeMustInterruptOnError(): boolean {
    return this.#settings.handshakeMustInterruptOnError;
  }

  /** Sets whether `handshakeInterruptedOnError` is asked about each thing that is wrong. */
  setHandshakeMustInterruptOnError(interrupt: boolean): void {
    this.#set({ handshakeMustInterruptOnError: interrupt });
  }

  /** Whether a peer that shows no certificate, although asked, is refused. */
  missingCertificateIsFatal(): boolean {
    return this.#settings.missingCertificateIsFatal;
  }

  /** Sets whether a peer that shows no certificate, although asked, is refused. */
  setMissingCertificateIsFatal(cannotRecover: boolean): void {
    this.#set({ missingCertificateIsFatal: cannotRecover });
  }

  /**
   * Whether `option` is set. At first, these are: `SslOptionDisableEmptyFragments`,
   * `SslOptionDisableLegacyRenegotiation`, `SslOptionDisableCompression` and
   * `SslOptionDisableSessionPersistence`.
   */
  testSslOption(option: SslOption): boolean {
    return (this.#settings.options & option) !== 0;
  }

  /** Sets `option` if `on`, and clears it otherwise; see {@link testSslOption}. */
  setSslOption(option: SslOption, on: boolean): void {
    const { options } = this.#settings;
    this.#set({ options: on ? options | option : options & ~option });
  }

  /** The certificate that the peer has shown; a null one when it has not. */
  peerCertificate(): QSslCertificate {
    return this.#settings.peerCertificate.clone();
  }

  /** The certificates that the peer has shown, from its own to the authority's. */
  peerCertificateChain(): QSslCertificate[] {
    return copiesOf(this.#settings.peerCertificateChain);
  }

  /** The cipher in use; a null one when there is no connection. */
  sessionCipher(): QSslCipher {
    return this.#settings.sessionCipher;
  }

  /** The version of TLS in use; unknown when there is no connection. */
  sessionProtocol(): SslProtocol {
    return this.#settings.sessionProtocol;
  }

  /** The application protocol that was chosen (ALPN, RFC 7301); '' when none was. */
  nextNegotiatedProtocol(): string {
    return this.#settings.nextNegotiatedProtocol;
  }

  /** How the choice of an application protocol ended. */
  nextProtocolNegotiationStatus(): NextProtocolNegotiationStatus {
    const { allowedNextProtocols, nextNegotiatedProtocol, sessionProtocol } = this.#settings;
    if (allowedNextProtocols.length === 0 || sessionProtocol === SslProtocol.UnknownProtocol)
      return NextProtocolNegotiationStatus.NextProtocolNegotiationNone;
    return nextNegotiatedProtocol === ''
      ? NextProtocolNegotiationStatus.NextProtocolNegotiationUnsupported
      : NextProtocolNegotiationStatus.NextProtocolNegotiationNegotiated;
  }

  /**
   * Takes what a connection tells about itself, in the place of what was known; what is left out is
   * unknown.
   *
   * @internal
   */
  setSession(session: Partial<SslSession>): void {
    this.#set({ ...NO_SESSION, ...session });
  }

  /**
   * What OpenSSL is told about ciphers; undefined leaves the choice to Node.
   *
   * @internal
   */
  cipherText(): string | undefined {
    return this.#settings.ciphers.text;
  }

  /**
   * The authorities to trust instead of Node's own; undefined for these.
   *
   * @internal
   */
  chosenCaCertificates(): QSslCertificate[] | undefined {
    return this.#settings.authorities.isChosen ? this.caCertificates() : undefined;
  }

  static #builtIn(): QSslConfiguration {
    const configuration = new QSslConfiguration();
    configuration.#set({
      authorities: { withSystem: true, own: [], isChosen: false },
      ciphers: { list: defaultCiphers(), text: undefined },
    });
    return configuration;
  }

  #set(changes: Partial<SslSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
  }
}
