import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TlsOptions, type TLSSocket } from 'node:tls';
import { QSslCertificate } from '../../lib/ssl/qsslcertificate.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { RawConnection } from './raw-peer.ts';

const OWN = new Set(['deep', 'names', 'root']);

/** A file that one of the two make-certs.sh has made, such as `server.crt`. */
export function pem(file: string): string {
  const folder = OWN.has(file.split('.', 1)[0]!) ? 'spec/node/certs' : 'spec/oracle/certs';
  return readFileSync(`${folder}/${file}`, 'latin1');
}

/**
 * One of the certificates: `server`, `expired`, `other-host`, `self-signed` and `client`, all but
 * the fourth by the authority `ca`; `deep` and `names`, by the authority `root`.
 */
export function certificate(name: string): QSslCertificate {
  return new QSslCertificate(pem(`${name}.crt`));
}

/** What a client is told that trusts the authority of `name` and no other. */
export function trusting(name = 'ca'): QSslConfiguration {
  const configuration = QSslConfiguration.defaultConfiguration();
  configuration.setCaCertificates([certificate(name)]);
  return configuration;
}

/** What Node is told to show the certificate `name`. */
export function showing(name: string): TlsOptions {
  return { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
}

/** A TLS server on loopback that does nothing by itself. */
export class SecurePeer {
  readonly #server: Server;
  readonly #arrived: RawConnection[] = [];
  readonly #connections: RawConnection[] = [];
  readonly #all = new Set<Socket>();
  readonly port: number;
  /** The streams of all handshakes that were done. */
  readonly streams: TLSSocket[] = [];
  #wake = (): void => {};

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket: Socket) => this.#all.add(socket));
    server.on('secureConnection', (stream) => {
      this.streams.push(stream);
      const connection = new RawConnection(stream);
      this.#connections.push(connection);
      this.#arrived.push(connection);
      this.#wake();
    });
  }

  static async listen(options: TlsOptions = showing('server'), host?: string): Promise<SecurePeer> {
    const server = createServer({ allowHalfOpen: true, ...options });
    server.listen(0, host ?? '127.0.0.1');
    await once(server, 'listening');
    return new SecurePeer(server);
  }

  get url(): string {
    return `wss://127.0.0.1:${this.port}/`;
  }

  /** Everything that came through TLS, and was not asked for. */
  get unread(): Buffer {
    return Buffer.concat(this.#connections.map((connection) => connection.unread));
  }

  /** The next connection that is through with TLS. */
  async next(): Promise<RawConnection> {
    while (this.#arrived.length === 0) await this.#news();
    return this.#arrived.shift()!;
  }

  /** The next connection, after the opening handshake. */
  async accept(): Promise<RawConnection> {
    const connection = await this.next();
    await connection.accept();
    return connection;
  }

  /** Cuts everything. */
  close(): void {
    for (const socket of this.#all) socket.destroy();
    this.#server.close();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
