import { RawPeer, switching, type RawConnection } from './raw-peer.ts';
import { SecurePeer } from './secure-peer.ts';

/** How a {@link LoginPeer} refuses. */
export interface Refusal {
  /** Whether the connection ends with the answer, and `Connection: close` says so. */
  readonly closes: boolean;
  readonly hasLength: boolean;
  readonly body: string;
}

/** A server that wants to know who asks: everyone but `user` with `password` is refused. */
export class LoginPeer {
  readonly #peer: RawPeer | SecurePeer;
  readonly #refusal: Refusal;
  /** The heads of all requests. */
  readonly heads: string[] = [];
  /** How many connections there have been. */
  count = 0;
  #isClosed = false;

  private constructor(peer: RawPeer | SecurePeer, refusal: Refusal) {
    this.#peer = peer;
    this.#refusal = refusal;
    void this.#serve();
  }

  static async listen(isSecure: boolean, refusal: Refusal): Promise<LoginPeer> {
    return new LoginPeer(await (isSecure ? SecurePeer : RawPeer).listen(), refusal);
  }

  /** Its URL, with `userInfo` in it. */
  url(userInfo: string): string {
    return this.#peer.url.replace('//', `//${userInfo}${userInfo === '' ? '' : '@'}`);
  }

  close(): void {
    this.#isClosed = true;
    this.#peer.close();
  }

  async #serve(): Promise<void> {
    while (!this.#isClosed) {
      const connection = await this.#peer.next();
      this.count++;
      // A client that goes away is no failure of the server.
      this.#answer(connection).catch(() => {});
    }
  }

  async #answer(connection: RawConnection): Promise<void> {
    for (;;) {
      const head = await connection.head();
      this.heads.push(head);
      // user:password
      if (head.includes('\r\nAuthorization: Basic dXNlcjpwYXNzd29yZA==\r\n')) {
        const key = /^sec-websocket-key: (.*)\r$/im.exec(head)![1]!;
        connection.socket.write(switching(key));
        return;
      }
      connection.socket.write(this.#refuse());
      if (this.#refusal.closes) connection.socket.end();
    }
  }

  #refuse(): string {
    const { closes, hasLength, body } = this.#refusal;
    return [
      'HTTP/1.1 401 Unauthorized',
      'WWW-Authenticate: Basic realm=shadow',
      `Connection: ${closes ? 'Close' : 'Keep-Alive'}`,
      ...(hasLength ? [`Content-Length: ${body.length}`] : []),
      '',
      body,
    ].join('\r\n');
  }
}
