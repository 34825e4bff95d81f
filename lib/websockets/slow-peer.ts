import { SocketState } from '../network/qabstractsocket.ts';
import { kept, transmit, type OutgoingMessage } from './outgoing-message.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';
import type { WaitingMessages } from './waiting-messages.ts';

/** Between which numbers of bytes a peer reads too slowly. */
export interface WaterMarks {
  readonly highWaterMark: number;
  readonly lowWaterMark: number;
}

/** Who keeps a {@link SlowPeer}. */
export interface SlowPeerKeeper {
  /** Learns that so many messages are never sent. */
  dropped(peer: SlowPeer, count: number): void;
  /** Has to close a connection, for the reason that is given. */
  tooSlow(peer: SlowPeer, reason: string): void;
  /** Learns that nothing waits any more. */
  drained(peer: SlowPeer): void;
  /** Learns that there is nobody to send to any more. */
  ended(peer: SlowPeer): void;
}

/** A socket whose peer reads too slowly, and what waits for it until it has caught up. */
export class SlowPeer {
  readonly socket: QWebSocketBase;
  readonly waiting: WaitingMessages;
  readonly #marks: WaterMarks;
  readonly #keeper: SlowPeerKeeper;
  #isReleasing = false;
  #isOver = false;

  constructor(
    socket: QWebSocketBase,
    waiting: WaitingMessages,
    marks: WaterMarks,
    keeper: SlowPeerKeeper,
  ) {
    this.socket = socket;
    this.waiting = waiting;
    this.#marks = marks;
    this.#keeper = keeper;
    socket.on('bytesWritten', release, this);
    socket.on('stateChanged', stateChanged, this);
    socket.on('destroyed', end, this);
  }

  /** Keeps `message` if it may, or has the connection closed; returns whether it does. */
  keep(message: OutgoingMessage, key: string | undefined): boolean {
    const before = this.waiting.dropped;
    const isKept = this.waiting.add(kept(message), key);
    this.#keeper.dropped(this, this.waiting.dropped - before);
    if (!isKept && this.waiting.isStrict) this.#disconnect();
    return isKept;
  }

  /** Sends what waits as far as there is room for it. */
  release(): void {
    const { socket } = this;
    // Its signals may be blocked, so that nobody has told.
    if (!socket.isValid()) {
      this.end();
      return;
    }
    if (this.#isReleasing || !hasRoom(socket, this.#marks.lowWaterMark)) return;
    this.#isReleasing = true;
    try {
      for (;;) {
        if (!hasRoom(socket, this.#marks.highWaterMark)) return;
        const message = this.waiting.shift();
        if (message === undefined) break;
        if (!transmit(socket, message)) this.#keeper.dropped(this, 1);
      }
    } finally {
      this.#isReleasing = false;
    }
    if (this.#isOver || !hasRoom(socket, this.#marks.lowWaterMark)) return;
    this.#leave();
    this.#keeper.drained(this);
  }

  /** Lets go of the socket, and of what waits. */
  end(): void {
    if (this.#isOver) return;
    this.#leave();
    this.#keeper.dropped(this, this.waiting.count);
    this.waiting.clear();
    this.#keeper.ended(this);
  }

  #disconnect(): void {
    const { count } = this.waiting;
    this.end();
    this.#keeper.tooSlow(this, `The peer reads too slowly: ${count} messages wait.`);
  }

  #leave(): void {
    this.#isOver = true;
    this.socket.off('bytesWritten', release, this);
    this.socket.off('stateChanged', stateChanged, this);
    this.socket.off('destroyed', end, this);
  }
}

/** Whether `socket` has no more than `mark` bytes to write, nor than its own limit. */
export function isWithin(socket: QWebSocketBase, mark: number): boolean {
  const limit = socket.backlogLimit();
  const most = limit < 0 ? mark : Math.min(mark, limit);
  return socket.bytesToWrite() <= most;
}

/** The same once the system was asked to take what was sent in this turn of the event loop. */
export function hasRoom(socket: QWebSocketBase, mark: number): boolean {
  if (isWithin(socket, mark)) return true;
  socket.flush();
  return isWithin(socket, mark);
}

// Slots of all peers, so that a peer has none of its own.
function release(this: SlowPeer): void {
  this.release();
}

function stateChanged(this: SlowPeer, state: SocketState): void {
  if (state !== SocketState.ConnectedState) this.end();
}

function end(this: SlowPeer): void {
  this.end();
}
