import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto';
import { pemBlocks, toPem } from './pem.ts';
import { EncodingFormat, KeyAlgorithm, KeyType } from './qssl.ts';

/** What the PEM blocks of keys are called: RFC 7468's names first, then those of each algorithm. */
const LABELS: Readonly<Record<KeyType, readonly string[]>> = {
  [KeyType.PrivateKey]: [
    'PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'DSA PRIVATE KEY',
  ],
  [KeyType.PublicKey]: ['PUBLIC KEY', 'RSA PUBLIC KEY'],
};

/** As much of a `KeyObject` of `node:crypto` as has to be said here. */
export interface KeyHandle {
  readonly type: string;
}

/**
 * A private or public key, as QSslKey.
 *
 * A key is null when there was nothing to read, the data is broken, the pass phrase is wrong, or
 * the key is of another kind than was said; nothing throws.
 *
 * @see https://doc.qt.io/qt-6/qsslkey.html
 */
export class QSslKey {
  #handle: KeyObject | undefined;

  /**
   * Makes a null key, or one of a key that `node:crypto` holds; a secret key is null, too.
   */
  constructor(handle?: KeyHandle);
  /**
   * Reads the first key of `type` from `encoded`.
   *
   * Text and bytes are PEM or DER as `format` says: PKCS #8, PKCS #1, SEC 1 or X.509's form of
   * public keys.
   *
   * @param algorithm - what the key has to be; `Opaque` takes a key of any algorithm.
   * @param passPhrase - what it is encrypted with, at most 1024 bytes.
   */
  constructor(
    encoded: string | Uint8Array,
    algorithm: KeyAlgorithm,
    format?: EncodingFormat,
    type?: KeyType,
    passPhrase?: string | Uint8Array,
  );
  constructor(
    source?: KeyHandle | string | Uint8Array,
    algorithm: KeyAlgorithm = KeyAlgorithm.Opaque,
    format: EncodingFormat = EncodingFormat.Pem,
    type: KeyType = KeyType.PrivateKey,
    passPhrase: string | Uint8Array = '',
  ) {
    if (source === undefined) return;
    const handle = isText(source)
      ? decode(toBuffer(source), format, type, passPhrase)
      : source instanceof KeyObject
        ? source
        : undefined;
    if (handle === undefined || handle.type === 'secret') return;
    if (algorithm !== KeyAlgorithm.Opaque && algorithm !== algorithmOf(handle)) return;
    this.#handle = handle;
  }

  /** Whether there is no key. */
  isNull(): boolean {
    return this.#handle === undefined;
  }

  /** Makes the key null. */
  clear(): void {
    this.#handle = undefined;
  }

  /**
   * The length in bits: of the modulus for RSA and DSA, of the curve's field for elliptic curves;
   * −1 for a null key and for algorithms whose length Node does not tell.
   */
  length(): number {
    const details = this.#handle?.asymmetricKeyDetails;
    if (details?.modulusLength !== undefined) return details.modulusLength;
    // The names of curves hold their size: prime256v1, secp521r1, brainpoolP384r1.
    const bits = /\d{3}/.exec(details?.namedCurve ?? '')?.[0];
    return bits === undefined ? -1 : Number(bits);
  }

  /** Which half of a pair it is; `PublicKey` for a null key, as in Qt. */
  type(): KeyType {
    return this.#handle?.type === 'private' ? KeyType.PrivateKey : KeyType.PublicKey;
  }

  /** What it is for; `Opaque` for a null key and for algorithms that Qt has no number for. */
  algorithm(): KeyAlgorithm {
    return this.#handle === undefined ? KeyAlgorithm.Opaque : algorithmOf(this.#handle);
  }

  /**
   * The key as PEM text; '' for a null key.
   *
   * Private keys for RSA are written as PKCS #1 and for elliptic curves as SEC 1, as Qt does;
   * others as PKCS #8.
   *
   * @param passPhrase - encrypts a private key, as PKCS #8 with AES-256-CBC; Qt's own form, which
   *   takes one round of MD5 to derive a key, is not written. Public keys are never encrypted.
   */
  toPem(passPhrase: string | Uint8Array = ''): string {
    const handle = this.#handle;
    if (handle === undefined) return '';
    if (handle.type === 'public') return handle.export({ type: 'spki', format: 'pem' }).toString();
    if (passPhrase.length === 0) return toPem(labelOf(handle), this.toDer());
    const pem = handle.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: toBuffer(passPhrase),
    });
    return pem.toString();
  }

  /** The key as DER, in the form that {@link toPem} writes; no bytes for a null key. */
  toDer(): Uint8Array {
    const handle = this.#handle;
    if (handle === undefined) return new Uint8Array();
    if (handle.type === 'public') return handle.export({ type: 'spki', format: 'der' });
    return handle.export({ type: encodingOf(handle), format: 'der' });
  }

  /**
   * The `KeyObject` of `node:crypto`; undefined for a null key. Programs with Node's types can cast
   * it.
   */
  handle(): KeyHandle | undefined {
    return this.#handle;
  }

  /** Whether both are the same key, or both are null. */
  equals(other: QSslKey): boolean {
    if (this.#handle === undefined || other.#handle === undefined)
      return this.#handle === other.#handle;
    return (
      this.#handle.asymmetricKeyType === other.#handle.asymmetricKeyType &&
      this.#handle.equals(other.#handle)
    );
  }

  /** A copy that changes on its own. */
  clone(): QSslKey {
    return new QSslKey(this.#handle);
  }
}

function decode(
  encoded: Buffer,
  format: EncodingFormat,
  type: KeyType,
  passPhrase: string | Uint8Array,
): KeyObject | undefined {
  for (const pem of candidates(encoded, format, type)) {
    // Node 20 takes an error that something else has left in OpenSSL's queue for that of the key,
    // and empties the queue.
    const handle = read(pem, type, passPhrase) ?? read(pem, type, passPhrase);
    if (handle !== undefined) return handle;
  }
  return undefined;
}

function read(pem: string, type: KeyType, passPhrase: string | Uint8Array): KeyObject | undefined {
  try {
    if (type === KeyType.PublicKey) return createPublicKey(pem);
    const secret = passPhrase.length === 0 ? {} : { passphrase: toBuffer(passPhrase) };
    return createPrivateKey({ key: pem, ...secret });
  } catch {
    return undefined;
  }
}

/**
 * The PEM texts that a key of `type` may be read from. Left to themselves, `createPublicKey` would
 * take private keys and certificates, too.
 */
function candidates(encoded: Buffer, format: EncodingFormat, type: KeyType): string[] {
  if (format === EncodingFormat.Der) return LABELS[type].map((label) => toPem(label, encoded));
  const text = encoded.toString('latin1');
  // A private key keeps its headers: those of RFC 1421 say how it is encrypted.
  if (type === KeyType.PrivateKey) return [text];
  return LABELS[type].flatMap((label) =>
    Array.from(pemBlocks(text, label), (der) => toPem(label, der)),
  );
}

function algorithmOf(handle: KeyObject): KeyAlgorithm {
  const name: string = handle.asymmetricKeyType ?? '';
  if (name === 'rsa' || name === 'rsa-pss') return KeyAlgorithm.Rsa;
  if (name === 'dsa') return KeyAlgorithm.Dsa;
  if (name === 'ec') return KeyAlgorithm.Ec;
  if (name === 'dh') return KeyAlgorithm.Dh;
  return name.startsWith('ml-dsa') ? KeyAlgorithm.MlDsa : KeyAlgorithm.Opaque;
}

function encodingOf(handle: KeyObject): 'pkcs1' | 'sec1' | 'pkcs8' {
  if (handle.asymmetricKeyType === 'rsa') return 'pkcs1';
  return handle.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8';
}

function labelOf(handle: KeyObject): string {
  const labels = { pkcs1: 'RSA PRIVATE KEY', sec1: 'EC PRIVATE KEY', pkcs8: 'PRIVATE KEY' };
  return labels[encodingOf(handle)];
}

function toBuffer(data: string | Uint8Array): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function isText(source: KeyHandle | string | Uint8Array): source is string | Uint8Array {
  return typeof source === 'string' || source instanceof Uint8Array;
}
