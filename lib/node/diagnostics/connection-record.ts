import type { Duplex } from 'node:stream';
import type { SocketError } from '../../network/qabstractsocket.ts';
import { printable } from '../../network/failure-text.ts';
import type { Meter } from '../../session/meter.ts';
import type { QWebSocketBase } from '../../websockets/qwebsocket-base.ts';
import type { ServerCounters } from '../../websockets/server-counters.ts';
import type { TrafficStatistics } from '../../websockets/server-statistics.ts';
import { socketChannels } from './channels.ts';
import { nextConnectionId } from './connection-id.ts';
import { endsMessage } from './ends-message.ts';
import { errorNameOf } from './error-name.ts';
import type { SocketMessage } from './messages.ts';

const ABNORMAL = 1006;

const { messageReceived, messageSent } = socketChannels;

type MessageChannel = typeof messageReceived | typeof messageSent;

/** How a connection ends. */
interface Ending {
  readonly isByPeer: boolean;
  readonly code: number;
  readonly errorName: string;
  readonly description: string;
}

const CUT_BY_US: Ending = { isByPeer: false, code: ABNORMAL, errorName: '', description: '' };

/** What one connection has carried, and how it ends. Tells its server's counters and the channels. */
export class ConnectionRecord implements Meter {
  readonly #socket: QWebSocketBase | undefined;
  readonly #counters: ServerCounters | undefined;
  readonly #openedAt: number;
  #id: number;
  #messagesReceived = 0;
  #messagesSent = 0;
  #payloadReceived = 0;
  #payloadSent = 0;
  #bytesReceived = 0;
  #bytesSent = 0;
  #ending: Ending = CUT_BY_US;

  /**
   * @param counters those of the server that has accepted it.
   * @param openedAt as performance.now() counts.
   * @param id the one that it has been told of with; 0 when it has not been.
   */
  constructor(
    socket: QWebSocketBase | undefined,
    counters: ServerCounters | undefined,
    openedAt: number,
    id: number,
  ) {
    this.#socket = socket;
    this.#counters = counters;
    this.#openedAt = openedAt;
    this.#id = id;
  }

  /** What it has carried so far. */
  statistics(): TrafficStatistics {
    return {
      messagesReceived: this.#messagesReceived,
      messagesSent: this.#messagesSent,
      payloadReceived: this.#payloadReceived,
      payloadSent: this.#payloadSent,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent,
    };
  }

  /** Tells that it is open. */
  opened(stream: Duplex, side: 'client' | 'server', subprotocol: string, extensions: string): void {
    const message = { ...this.#now(), ...endsMessage(stream), side, subprotocol, extensions };
    socketChannels.open.publish(message);
  }

  read(length: number): void {
    this.#bytesReceived += length;
    if (this.#counters !== undefined) this.#counters.bytesReceived += length;
  }

  /** The system has taken so many bytes. */
  written(length: number): void {
    this.#bytesSent += length;
    if (this.#counters !== undefined) this.#counters.bytesSent += length;
  }

  messageReceived(isText: boolean, size: number): void {
    this.#messagesReceived++;
    this.#payloadReceived += size;
    if (this.#counters !== undefined) {
      this.#counters.messagesReceived++;
      this.#counters.payloadReceived += size;
    }
    if (messageReceived.isWatched) this.#publish(messageReceived, isText, size);
  }

  messageSent(isText: boolean, size: number): void {
    this.#messagesSent++;
    this.#payloadSent += size;
    if (this.#counters !== undefined) {
      this.#counters.messagesSent++;
      this.#counters.payloadSent += size;
    }
    if (messageSent.isWatched) this.#publish(messageSent, isText, size);
  }

  ping(isSent: boolean, size: number): void {
    if (this.#counters !== undefined) {
      if (isSent) this.#counters.pingsSent++;
      else this.#counters.pingsReceived++;
    }
    const channel = isSent ? socketChannels.pingSent : socketChannels.pingReceived;
    if (channel.isWatched) channel.publish({ ...this.#now(), size });
  }

  pong(isSent: boolean, size: number): void {
    if (this.#counters !== undefined) {
      if (isSent) this.#counters.pongsSent++;
      else this.#counters.pongsReceived++;
    }
    const channel = isSent ? socketChannels.pongSent : socketChannels.pongReceived;
    if (channel.isWatched) channel.publish({ ...this.#now(), size });
  }

  closing(isByPeer: boolean, code: number, reason: string): void {
    this.#ending = { isByPeer, code, errorName: '', description: '' };
    const channel = socketChannels.closing;
    if (!channel.isWatched) return;
    channel.publish({ ...this.#now(), isByPeer, code, reason: printable(reason) });
  }

  lost(isByPeer: boolean, error: SocketError, description: string): void {
    this.#ending = { isByPeer, code: ABNORMAL, errorName: errorNameOf(error), description };
  }

  ended(): void {
    const { isByPeer, code, errorName } = this.#ending;
    const counters = this.#counters;
    if (counters !== undefined) {
      counters.ended++;
      if (!isByPeer) counters.closedByServer.add(String(code));
      else if (errorName === '') counters.closedByPeer.add(String(code));
      else counters.lost.add(errorName);
    }
    const channel = socketChannels.end;
    if (!channel.isWatched) return;
    const duration = Math.max(0, performance.now() - this.#openedAt);
    channel.publish({ ...this.#now(), ...this.#ending, duration, ...this.statistics() });
  }

  // On its own, so that what is called for each message stays small enough to be inlined.
  #publish(channel: MessageChannel, isText: boolean, size: number): void {
    channel.publish({ ...this.#now(), size, isText });
  }

  #now(): SocketMessage {
    if (this.#id === 0) this.#id = nextConnectionId();
    return { id: this.#id, time: performance.now(), socket: this.#socket };
  }
}
