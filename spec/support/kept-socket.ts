import { adopt } from '../../lib/websockets/qwebsocket-base.ts';
import type { AcceptedHandshake } from '../../lib/websockets/accepted-handshake.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { TestSocket } from './fake-backend.ts';

const HANDSHAKE: AcceptedHandshake = {
  origin: '',
  written: { url: new QUrl('ws://localhost/'), headers: new QHttpHeaders(), subprotocols: [] },
};

/** A socket whose peer lives or not, as a spec wants. */
export class KeptSocket extends TestSocket {
  /** One that is connected already. */
  static connected(): KeptSocket {
    const socket = new KeptSocket();
    socket.connect();
    return socket;
  }

  /** One that a server has accepted. */
  static accepted(): KeptSocket {
    const socket = new KeptSocket();
    adopt(socket, HANDSHAKE, '');
    return socket;
  }

  /** The payloads of all pings, oldest first. */
  pings(): Uint8Array[] {
    return this.backend.asked
      .filter(([name]) => name === 'ping')
      .map(([, payload]) => Uint8Array.from(payload as number[]));
  }

  /** The peer answers a ping, or sends a pong that nobody has asked for. */
  answer(payload: Uint8Array = this.pings().at(-1)!): void {
    this.backend.heard++;
    this.backend.connection().pong(payload);
  }
}
