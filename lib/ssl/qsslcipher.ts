import { DEFAULT_CIPHERS, getCiphers } from 'node:tls';
import { sslProtocolOf, type SslProtocol } from './qssl.ts';

/** What OpenSSL means by groups in a list of ciphers that add to those that are named. */
const GROUPS: readonly string[] = ['ALL', 'DEFAULT', 'HIGH'];

let supported: ReadonlySet<string> | undefined;

/**
 * A cipher suite, as QSslCipher. It cannot be changed.
 *
 * It is null when Node does not have it.
 *
 * @see https://doc.qt.io/qt-6/qsslcipher.html
 */
export class QSslCipher {
  readonly #name: string;

  /**
   * The cipher that OpenSSL calls `name`, such as "ECDHE-RSA-AES128-GCM-SHA256", in capital or
   * small letters.
   *
   * @param protocol - what its {@link QSslCipher.protocol} has to be, or else it is null.
   */
  constructor(name = '', protocol?: SslProtocol) {
    const known = name.toUpperCase();
    const isWanted =
      supportedNames().has(known) && (protocol === undefined || protocol === protocolOf(known));
    this.#name = isWanted ? known : '';
  }

  /** Whether it is none: the name was empty, or names no cipher that can be used. */
  isNull(): boolean {
    return this.#name === '';
  }

  /** OpenSSL's name of it; '' when it is null. */
  name(): string {
    return this.#name;
  }

  /** The first protocol that has it, as OpenSSL writes it, such as "TLSv1.2"; '' when it is null. */
  protocolString(): string {
    return this.isNull() ? '' : protocolStringOf(this.#name);
  }

  /** The first protocol that has it; unknown when it is null or older than TLS 1.0. */
  protocol(): SslProtocol {
    return protocolOf(this.#name);
  }

  /** How many bits of its key count; 0 when it is null or does not encrypt. */
  usedBits(): number {
    if (this.#name.includes('CHACHA20')) return 256;
    if (this.#name.includes('DES-CBC3')) return 168;
    return Number(/(?:AES|ARIA|CAMELLIA)[-_]?(\d{3})/.exec(this.#name)?.[1] ?? 0);
  }

  /** How many bits its key has: as many as {@link usedBits}. */
  supportedBits(): number {
    return this.usedBits();
  }

  /** Whether both are the same cipher, or both are null. */
  equals(other: QSslCipher): boolean {
    return this.#name === other.#name;
  }
}

/** All ciphers that Node has. */
export function supportedCiphers(): QSslCipher[] {
  return Array.from(supportedNames(), (name) => new QSslCipher(name));
}

/** The ciphers that Node uses when nothing is set, the most wanted first. */
export function defaultCiphers(): QSslCipher[] {
  const words = DEFAULT_CIPHERS.split(':');
  const isOpen = words.some((word) => GROUPS.includes(word));
  // What OpenSSL's groups and Node's exclusions leave: all that needs a certificate and no more.
  const rest = isOpen ? [...supportedNames()].filter((name) => !/PSK|SRP|CCM/.test(name)) : [];
  const names = new Set([...words.filter((word) => supportedNames().has(word)), ...rest]);
  return Array.from(names, (name) => new QSslCipher(name));
}

function supportedNames(): ReadonlySet<string> {
  supported ??= new Set(getCiphers().map((name) => name.toUpperCase()));
  return supported;
}

function protocolOf(name: string): SslProtocol {
  return sslProtocolOf(name === '' ? null : protocolStringOf(name));
}

/** What `openssl ciphers -v` says of `name`; Node tells it only of a cipher in use. */
function protocolStringOf(name: string): string {
  if (name.startsWith('TLS_')) return 'TLSv1.3';
  if (/GCM|CCM|POLY1305/.test(name)) return 'TLSv1.2';
  const isSha2 = /SHA(?:256|384)$/.test(name);
  if (isSha2 && !name.includes('PSK')) return 'TLSv1.2';
  return isSha2 || name.startsWith('ECDHE-') ? 'TLSv1' : 'SSLv3';
}
