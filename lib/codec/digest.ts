import { createHash, randomBytes } from 'node:crypto';
import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { hasToken, splitList } from './header-list.ts';

/** The request that is to be authorised. */
export interface AuthorizedRequest {
  readonly method: string;
  /** The target as it stands in the request line (RFC 7616 §3.4.6). */
  readonly uri: string;
}

interface Algorithm {
  readonly hash: string;
  readonly strength: number;
}

const MD5: Algorithm = { hash: 'md5', strength: 1 };
const ALGORITHMS = new Map<string, Algorithm>([
  ['MD5', MD5],
  ['SHA-256', { hash: 'sha256', strength: 2 }],
  // Not stronger than SHA-256 in practice, and less often implemented right (RFC 7616, erratum 4897).
  ['SHA-512-256', { hash: 'sha512-256', strength: 2 }],
]);
const SESSION_SUFFIX = '-SESS';

// Bytes, one in each character.
const NO_ASCII_TEXT = /[^ -~]/;
const NO_TEXT = /[^ -~\u0080-\u00ff]/;

/**
 * How well a Digest challenge protects the password: 2 with SHA-256 or SHA-512-256, 1 with MD5.
 *
 * @returns 0 for one that cannot be answered: no nonce, an unknown algorithm, only `qop=auth-int`,
 * or a hash that this Node does not have.
 */
export function digestStrength(challenge: Challenge): number {
  return termsOf(challenge)?.strength ?? 0;
}

/**
 * The answers to one Digest challenge (RFC 7616; RFC 2069 where the server sends no `qop`), each
 * with a nonce count of its own.
 *
 * User and password are hashed as UTF-8. A user that does not fit into a quoted string goes out
 * hashed or percent-encoded (RFC 7616 §3.4.4, RFC 8187).
 */
export class DigestSession {
  readonly #challenge: Challenge;
  readonly #terms: Terms;
  readonly #cnonce: string;
  #count = 0;

  private constructor(challenge: Challenge, terms: Terms, cnonce: string) {
    this.#challenge = challenge;
    this.#terms = terms;
    this.#cnonce = cnonce;
  }

  /**
   * Begins to answer `challenge`; undefined when it cannot be answered (see {@link digestStrength}).
   *
   * @param cnonce the client's nonce: 128 random bits unless it is given.
   */
  static of(
    challenge: Challenge,
    cnonce: string = randomBytes(16).toString('hex'),
  ): DigestSession | undefined {
    const terms = termsOf(challenge);
    return terms === undefined ? undefined : new DigestSession(challenge, terms, cnonce);
  }

  /** The value of `Authorization` or `Proxy-Authorization`; its characters are bytes. */
  authorization(request: AuthorizedRequest, credentials: Credentials): string {
    const { algorithm, hash, hasQop, isSession } = this.#terms;
    const parameters = this.#challenge.parameters;
    const realm = parameters.get('realm') ?? '';
    const nonce = parameters.get('nonce') ?? '';
    const opaque = parameters.get('opaque');
    const user = utf8(credentials.user);
    const cnonce = this.#cnonce;
    this.#count++;
    const count = this.#count.toString(16).padStart(8, '0');

    let secret = hash(`${user}:${realm}:${utf8(credentials.password)}`);
    if (isSession) secret = hash(`${secret}:${nonce}:${cnonce}`);
    const what = hash(`${request.method}:${request.uri}`);
    const fresh = hasQop ? `${nonce}:${count}:${cnonce}:auth` : nonce;
    const response = hash(`${secret}:${fresh}:${what}`);

    const written = [
      ...this.#userFields(user, realm),
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `uri=${quoted(request.uri)}`,
      `response="${response}"`,
    ];
    if (algorithm !== undefined) written.push(`algorithm=${algorithm}`);
    if (hasQop) written.push('qop=auth', `nc=${count}`, `cnonce=${quoted(cnonce)}`);
    if (opaque !== undefined) written.push(`opaque=${quoted(opaque)}`);
    return `Digest ${written.join(', ')}`;
  }

  #userFields(user: string, realm: string): string[] {
    const parameters = this.#challenge.parameters;
    if (parameters.get('userhash')?.toLowerCase() === 'true') {
      return [`username="${this.#terms.hash(`${user}:${realm}`)}"`, 'userhash=true'];
    }
    const announcesUtf8 = parameters.get('charset')?.toLowerCase() === 'utf-8';
    const needsEncoding = announcesUtf8 ? NO_ASCII_TEXT : NO_TEXT;
    if (!needsEncoding.test(user)) return [`username=${quoted(user)}`];
    return [`username*=UTF-8''${extended(user)}`];
  }
}

/** What was agreed upon. */
interface Terms {
  /** As the server wrote it; undefined when it did not. */
  readonly algorithm: string | undefined;
  readonly strength: number;
  readonly isSession: boolean;
  readonly hasQop: boolean;
  /** Hashes characters as bytes, to hexadecimal digits. */
  readonly hash: (text: string) => string;
}

function termsOf(challenge: Challenge): Terms | undefined {
  const { scheme, parameters } = challenge;
  if (scheme !== 'digest' || !parameters.has('nonce')) return undefined;

  const written = parameters.get('algorithm');
  const name = (written ?? 'MD5').toUpperCase();
  const isSession = name.endsWith(SESSION_SUFFIX);
  const found = ALGORITHMS.get(isSession ? name.slice(0, -SESSION_SUFFIX.length) : name);
  if (found === undefined || !isAvailable(found.hash)) return undefined;

  const qop = parameters.get('qop');
  const hasQop = qop !== undefined && splitList(qop).length > 0;
  if (hasQop && !hasToken([qop], 'auth')) return undefined;
  // Without a qop no cnonce may be sent, which a session's key is made of (RFC 2617 §3.2.2).
  if (isSession && !hasQop) return undefined;

  return {
    algorithm: written === undefined ? undefined : name.replace(SESSION_SUFFIX, '-sess'),
    strength: found.strength,
    isSession,
    hasQop,
    hash: (text) => createHash(found.hash).update(text, 'latin1').digest('hex'),
  };
}

/** FIPS builds refuse MD5, Electron's OpenSSL has no SHA-512/256. */
function isAvailable(hash: string): boolean {
  try {
    createHash(hash);
    return true;
  } catch {
    return false;
  }
}

/** UTF-8 as one character for each byte: a server's texts come in this form, too. */
function utf8(text: string): string {
  return Buffer.from(text.normalize('NFC'), 'utf8').toString('latin1');
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** Percent-encodes all bytes but RFC 8187's `attr-char`. */
function extended(bytes: string): string {
  return bytes.replaceAll(
    /[^A-Za-z0-9!#$&+.^_`|~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
