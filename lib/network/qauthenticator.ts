/**
 * Whom a server or a proxy asks for, and the answer, as QAuthenticator.
 *
 * A slot of `authenticationRequired` or `proxyAuthenticationRequired` gets one with {@link QAuthenticator.realm}
 * filled, and sets user and password before it returns. Leaving both as they were is no answer.
 *
 * @see https://doc.qt.io/qt-6/qauthenticator.html
 */
export class QAuthenticator {
  #isNull = true;
  #user = '';
  #password = '';
  #realm = '';
  #options = new Map<string, unknown>();

  /** Whether nothing was ever set. */
  isNull(): boolean {
    return this.#isNull;
  }

  /** The user to log in; '' when there is none yet. */
  user(): string {
    return this.#user;
  }

  /** Sets the user to log in. */
  setUser(user: string): void {
    this.#isNull = false;
    this.#user = user;
  }

  /** The password of {@link user}; '' when there is none yet. */
  password(): string {
    return this.#password;
  }

  /** Sets the password of {@link user}. */
  setPassword(password: string): void {
    this.#isNull = false;
    this.#password = password;
  }

  /** What the server calls the area that it guards (RFC 9110 §11.5); may be shown to the user. */
  realm(): string {
    return this.#realm;
  }

  /** Sets {@link QAuthenticator.realm}, and the option of that name. */
  setRealm(realm: string): void {
    this.#realm = realm;
    this.setOption('realm', realm);
  }

  /** The value of the option `name`; undefined when it is not there. */
  option(name: string): unknown {
    return this.#options.get(name);
  }

  /** Sets the option `name`. What a server asks with comes as `realm` only. */
  setOption(name: string, value: unknown): void {
    this.#isNull = false;
    this.#options.set(name, value);
  }

  /** All options. The map is the caller's own. */
  options(): Map<string, unknown> {
    return new Map(this.#options);
  }

  /** Forgets everything: {@link isNull} is true again. */
  clear(): void {
    this.#isNull = true;
    this.#user = '';
    this.#password = '';
    this.#realm = '';
    this.#options.clear();
  }

  /** Whether both say the same; values of options are compared by `===`. */
  equals(other: QAuthenticator): boolean {
    return (
      this.#isNull === other.#isNull &&
      this.#user === other.#user &&
      this.#password === other.#password &&
      this.#realm === other.#realm &&
      this.#options.size === other.#options.size &&
      [...this.#options].every(
        ([name, value]) => other.#options.has(name) && other.#options.get(name) === value,
      )
    );
  }

  /** An independent copy. */
  clone(): QAuthenticator {
    const copy = new QAuthenticator();
    copy.#isNull = this.#isNull;
    copy.#user = this.#user;
    copy.#password = this.#password;
    copy.#realm = this.#realm;
    copy.#options = this.options();
    return copy;
  }
}
