import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';

/** The signals of a QWebChannelAbstractTransport and what they carry. */
export interface QWebChannelAbstractTransportSignals {
  messageReceived: [message: unknown, transport: QWebChannelAbstractTransport];
}

/**
 * Takes the messages of a {@link QWebChannel} to one client, and brings those of the client.
 *
 * @see https://doc.qt.io/qt-6/qwebchannelabstracttransport.html
 */
export abstract class QWebChannelAbstractTransport extends QObject<QWebChannelAbstractTransportSignals> {
  /**
   * Emitted for each message of the client: what `JSON.parse()` has made of it, and `undefined` for
   * what is no JSON. The channel trusts none of it.
   */
  get messageReceived(): Signal<QWebChannelAbstractTransportSignals['messageReceived']> {
    return this.signal('messageReceived');
  }

  /**
   * Sends `message` as JSON to the client.
   *
   * Several transports may be given the same object; none may change it.
   */
  abstract sendMessage(message: object): void;
}
