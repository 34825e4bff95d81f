/**
 * What a slot of `preSharedKeyAuthenticationRequired` is asked for, and answers, as
 * QSslPreSharedKeyAuthenticator (RFC 4279).
 *
 * On a client, {@link identityHint} is what the server sent, and the slot sets an identity and its
 * key. On a server, {@link identity} is what the client sent, and the slot sets the key. Without a
 * key the handshake fails.
 *
 * @see https://doc.qt.io/qt-6/qsslpresharedkeyauthenticator.html
 */
export class QSslPreSharedKeyAuthenticator {
  readonly #identityHint: string;
  readonly #maximumIdentityLength: number;
  readonly #maximumPreSharedKeyLength: number;
  #identity: string;
  #preSharedKey: Uint8Array = new Uint8Array();

  /** @internal */
  constructor(
    identityHint = '',
    maximumIdentityLength = 0,
    maximumPreSharedKeyLength = 0,
    identity = '',
  ) {
    this.#identityHint = identityHint;
    this.#maximumIdentityLength = maximumIdentityLength;
    this.#maximumPreSharedKeyLength = maximumPreSharedKeyLength;
    this.#identity = identity;
  }

  /** What the server says to help its clients choose an identity; '' when it says nothing. */
  identityHint(): string {
    return this.#identityHint;
  }

  /** Who the client says it is. */
  identity(): string {
    return this.#identity;
  }

  /**
   * Says who the client is; without effect on a server.
   *
   * @param identity - text, of whose UTF-8 form {@link maximumIdentityLength} bytes are sent.
   */
  setIdentity(identity: string): void {
    this.#identity = identity;
  }

  /** How many bytes of an identity can be sent: 0 on a server. */
  maximumIdentityLength(): number {
    return this.#maximumIdentityLength;
  }

  /** The key that was set; no bytes when none was. The bytes are the caller's own. */
  preSharedKey(): Uint8Array {
    return this.#preSharedKey.slice();
  }

  /**
   * Sets the key that both sides have agreed upon.
   *
   * @param preSharedKey - of which {@link maximumPreSharedKeyLength} bytes are used.
   * @throws TypeError for text: whether it is hexadecimal, Base64 or the key itself is the caller's
   *   to say.
   */
  setPreSharedKey(preSharedKey: Uint8Array): void {
    if (!(preSharedKey instanceof Uint8Array))
      throw new TypeError(`Expected the key as Uint8Array, got ${typeof preSharedKey}.`);
    this.#preSharedKey = new Uint8Array(preSharedKey);
  }

  /** How many bytes of a key can be used. */
  maximumPreSharedKeyLength(): number {
    return this.#maximumPreSharedKeyLength;
  }

  /** Whether both ask for the same and hold the same answers. */
  equals(other: QSslPreSharedKeyAuthenticator): boolean {
    return (
      this.#identityHint === other.#identityHint &&
      this.#identity === other.#identity &&
      this.#maximumIdentityLength === other.#maximumIdentityLength &&
      this.#maximumPreSharedKeyLength === other.#maximumPreSharedKeyLength &&
      Buffer.compare(this.#preSharedKey, other.#preSharedKey) === 0
    );
  }
}
