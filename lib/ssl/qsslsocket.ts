/** What is asked of the peer's certificate, as QSslSocket::PeerVerifyMode. @enum */
export const PeerVerifyMode = {
  /** Nothing: a server asks for none, a client takes any. Open to attackers in the middle. */
  VerifyNone: 0,
  /** It is asked for, and its problems are reported, but the connection goes on. */
  QueryPeer: 1,
  /** It is asked for and has to be valid. */
  VerifyPeer: 2,
  /** `VerifyPeer` for clients and `QueryPeer` for servers: the default. */
  AutoVerifyPeer: 3,
} as const;
export type PeerVerifyMode = (typeof PeerVerifyMode)[keyof typeof PeerVerifyMode];

/** Whether TLS can be used: always true here. */
function supportsSsl(): boolean {
  return true;
}

/** The TLS library and its version, such as "OpenSSL 3.0.19". */
function sslLibraryVersionString(): string {
  return `OpenSSL ${process.versions['openssl'] ?? ''}`.trimEnd();
}

/**
 * What other classes need of QSslSocket: its enum, nested and flat, and its questions about the TLS
 * library.
 *
 * @see https://doc.qt.io/qt-6/qsslsocket.html
 */
export const QSslSocket: Readonly<
  typeof PeerVerifyMode & {
    PeerVerifyMode: typeof PeerVerifyMode;
    /** Whether TLS can be used: always true here. */
    supportsSsl: () => boolean;
    /** The TLS library and its version, such as "OpenSSL 3.0.19". */
    sslLibraryVersionString: () => string;
  }
> = Object.freeze({ ...PeerVerifyMode, PeerVerifyMode, supportsSsl, sslLibraryVersionString });
