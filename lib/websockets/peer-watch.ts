import { reportUncaught } from '../core/emission.ts';
import { explained } from '../network/failure-text.ts';
import { SocketError, SocketState } from '../network/qabstractsocket.ts';
import { PingTimes } from './ping-times.ts';
import { isServerSide, lose, probe, pulseOf, type QWebSocketBase } from './qwebsocket-base.ts';

/** What a {@link PeerWatch} goes by. */
export interface PeerWatchOptions {
  /** The time from one ping to the next, in milliseconds; Infinity for {@link PeerWatch.probe} alone. */
  readonly interval: number;
  /** How long a peer that was pinged may show no sign of life, in milliseconds. */
  readonly timeout: number;
  /** What is said of a peer that did. */
  readonly detail: string;
  readonly advice?: string;
  /** Learns of a socket that was given up. */
  readonly lost?: (socket: QWebSocketBase) => void;
}

// A timer would fire at once for anything longer.
const LONGEST_WAIT = 2 ** 31 - 1;

// What is due within a tenth of the shorter time, and within a second, is looked at together.
const LONGEST_STEP = 1_000;
const STEPS = 10;

// A hundred pings and their pongs take a millisecond or two; more in one turn would keep messages
// waiting, and the pongs for each other. With very many sockets, a round still has an end.
const PINGS_A_TURN = 100;
const TURNS = 100;
const PAUSE = 10;

/**
 * Pings the peers of any number of sockets and gives those up that show no sign of life, all with
 * one timer, which keeps no process alive.
 */
export class PeerWatch {
  readonly #options: PeerWatchOptions;
  readonly #step: number;
  readonly #peers = new Map<QWebSocketBase, Peer>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  // When the timer fires, by the clock that counts and by the one on the wall.
  #wakeAt = 0;
  #wakeAtOnWall = 0;

  /** @throws RangeError for times that are no number of milliseconds above 0, or no end of waiting. */
  constructor(options: PeerWatchOptions) {
    const { interval, timeout } = options;
    if (!(interval > 0)) throw new RangeError('The interval must be above 0 ms.');
    if (!(timeout > 0) || timeout === Infinity) {
      throw new RangeError('The timeout must be above 0 ms, and finite.');
    }
    this.#options = options;
    this.#step = Math.min(LONGEST_STEP, Math.ceil(Math.min(interval, timeout) / STEPS));
  }

  /** Whether `socket` is watched. */
  has(socket: QWebSocketBase): boolean {
    return this.#peers.has(socket);
  }

  /** See PingTimes. */
  roundTripTime(socket: QWebSocketBase): number {
    return this.#peers.get(socket)?.times?.roundTripTime ?? -1;
  }

  /**
   * Watches `socket` in each of its connections, until it is destroyed; a server's socket has one.
   *
   * @returns whether it does: not where there is no ping, nor when that one connection is over.
   */
  add(socket: QWebSocketBase): boolean {
    if (this.#peers.has(socket)) return true;
    const isOpen = socket.state() === SocketState.ConnectedState;
    if (pulseOf(socket) === undefined || (isServerSide(socket) && !isOpen)) return false;
    const peer = new Peer(socket, this);
    this.#peers.set(socket, peer);
    socket.on('stateChanged', stateChanged, peer);
    // A server's socket says in that case, too, that its connection ends.
    if (!isServerSide(socket)) socket.on('destroyed', destroyed, peer);
    if (isOpen) this.begin(peer);
    return true;
  }

  /** Leaves `socket` alone from now on. */
  remove(socket: QWebSocketBase): void {
    const peer = this.#peers.get(socket);
    if (peer === undefined) return;
    this.#peers.delete(socket);
    peer.rest();
    socket.off('stateChanged', stateChanged, peer);
    socket.off('destroyed', destroyed, peer);
    if (this.#peers.size === 0) this.#disarm();
  }

  /** Leaves all sockets alone. */
  clear(): void {
    for (const socket of this.#peers.keys()) this.remove(socket);
  }

  /** Asks all peers now, those excepted that have been asked so already: only a pong will do. */
  probe(): void {
    const now = time();
    for (const peer of this.#peers.values()) {
      if (!peer.isOpen || (peer.isAsked && peer.mustAnswer)) continue;
      peer.isAsked = false;
      peer.mustAnswer = true;
      peer.due = now;
    }
    this.#look(now);
  }

  /** Expects no answers to what was asked before. */
  forgive(): void {
    const now = time();
    for (const peer of this.#peers.values()) {
      if (!peer.isOpen) continue;
      peer.isAsked = false;
      peer.mustAnswer = false;
      peer.due = now + this.#options.interval;
    }
  }

  /** Learns of a connection. */
  begin(peer: Peer): void {
    // A page of Electron does not know before how the main process connects.
    if (pulseOf(peer.socket) === undefined) return;
    peer.begin(time(), this.#options.interval);
    this.#arm(peer.due);
  }

  /** Has the timer fire at `due`, if it does not do so before. */
  #arm(due: number): void {
    // A slot may have had all of them left alone.
    if (this.#peers.size === 0) return;
    if (due === Infinity || (this.#timer !== undefined && this.#wakeAt <= due)) return;
    this.#disarm();
    const now = time();
    const wait = Math.min(Math.max(due - now, Math.min(this.#step, PAUSE)), LONGEST_WAIT);
    this.#wakeAt = now + wait;
    this.#wakeAtOnWall = Date.now() + wait;
    this.#timer = setTimeout(this.#wake, wait);
    // In browsers it is a number.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #wake = (): void => {
    this.#timer = undefined;
    // Timers may be a fraction early.
    const now = Math.max(time(), this.#wakeAt);
    // Some systems stop the first clock while they sleep.
    const late = Math.max(now - this.#wakeAt, Date.now() - this.#wakeAtOnWall);
    if (late >= this.#options.timeout) {
      // The machine slept, or this program did not get to run: answers may have been lost.
      this.forgive();
      this.probe();
    } else {
      if (late > this.#step) this.#excuse(late, now);
      this.#look(now);
    }
  };

  /** Counts the time in which nothing could be heard as none; what came then is read after this. */
  #excuse(late: number, now: number): void {
    for (const peer of this.#peers.values()) {
      if (!peer.isAsked) continue;
      peer.quietSince = Math.min(now, peer.quietSince + late + this.#step);
      peer.due = this.#dueOf(peer, now);
    }
  }

  /** Goes through all peers of which something is due. */
  #look(now: number): void {
    let next = Infinity;
    let pings = Math.max(PINGS_A_TURN, Math.ceil(this.#peers.size / TURNS));
    for (const peer of this.#peers.values()) {
      if (peer.due <= now) {
        if (this.#examine(peer, now)) pings--;
        // The rest has its turn next, since what was examined is not due then.
        if (pings === 0) {
          this.#arm(now);
          return;
        }
      }
      if (peer.due < next) next = peer.due;
    }
    this.#arm(next === Infinity ? next : Math.max(next, now + this.#step));
  }

  /** Listens for a sign of life, and asks for one; returns whether it did that. */
  #examine(peer: Peer, now: number): boolean {
    const { socket } = peer;
    // Its signals may be blocked, so that nobody has told how it ended, or what it is now.
    if (socket.state() !== SocketState.ConnectedState || pulseOf(socket) === undefined) {
      peer.end();
      return false;
    }
    if (peer.isAsked) {
      peer.listen(now);
      if (peer.isAsked && now - peer.quietSince >= this.#options.timeout) {
        this.#giveUp(peer);
        return false;
      }
    }
    const isDue = peer.mustAnswer || now - peer.askedAt >= this.#options.interval;
    const asks = !peer.isAsked && isDue;
    if (asks) peer.ask(now);
    if (peer.isOpen) peer.due = this.#dueOf(peer, now);
    return asks;
  }

  #dueOf(peer: Peer, now: number): number {
    const { interval, timeout } = this.#options;
    const question = peer.askedAt + interval;
    if (!peer.isAsked) return question;
    const deadline = peer.quietSince + timeout;
    return question > now ? Math.min(question, deadline) : deadline;
  }

  #giveUp({ socket }: Peer): void {
    const { detail, advice, lost } = this.#options;
    const text = explained('Socket operation timed out', { layer: 'timeout', detail, advice });
    lose(socket, SocketError.SocketTimeoutError, text);
    lost?.(socket);
  }
}

/** One of the sockets, and what is known of its peer. */
class Peer {
  readonly socket: QWebSocketBase;
  readonly watch: PeerWatch;
  isOpen = false;
  /** Whether it was pinged and has shown no sign of life since. */
  isAsked = false;
  /** Whether only a pong is an answer: what comes after waking up may have been sent before. */
  mustAnswer = false;
  /** When something is to be done. */
  due: number = Infinity;
  askedAt = 0;
  quietSince = 0;
  times: PingTimes | undefined;
  #heard = 0;
  #taken = 0;
  // How many bytes the system will have taken before our ping.
  #mark = 0;

  constructor(socket: QWebSocketBase, watch: PeerWatch) {
    this.socket = socket;
    this.watch = watch;
  }

  begin(now: number, interval: number): void {
    this.isOpen = true;
    this.isAsked = false;
    this.mustAnswer = false;
    this.askedAt = now;
    this.due = now + interval;
    this.times?.forget();
  }

  /** Learns that the connection is over. */
  end(): void {
    if (isServerSide(this.socket)) this.watch.remove(this.socket);
    else this.rest();
  }

  rest(): void {
    this.isOpen = false;
    this.isAsked = false;
    this.mustAnswer = false;
    this.due = Infinity;
  }

  ask(now: number): void {
    const { socket } = this;
    const { heard, taken } = pulseOf(socket)!;
    this.#heard = heard;
    this.#taken = taken;
    this.isAsked = true;
    this.askedAt = now;
    this.quietSince = now;
    this.#mark = taken + socket.bytesToWrite();
    try {
      this.times = probe(socket, (pingedAt) => new PingTimes(pingedAt));
    } catch (error) {
      // A stream of the application's own has thrown: the other sockets have no part in that.
      reportUncaught(error);
    }
  }

  /** Finds out whether there was a sign of life since the last time. */
  listen(now: number): void {
    const { heard, taken } = pulseOf(this.socket)!;
    const isAnswered = this.times?.isAnswered === true;
    const isHeard = heard !== this.#heard || isAnswered;
    // While our ping waits behind what else we send, nobody can answer it; the system takes more of
    // that only when the peer has taken some.
    const isSent = taken !== this.#taken && this.#taken < this.#mark;
    this.#heard = heard;
    this.#taken = taken;
    if (isHeard || isSent) this.quietSince = now;
    if (!isAnswered && (!isHeard || this.mustAnswer)) return;
    this.isAsked = false;
    this.mustAnswer = false;
  }
}

// Slots of all peers, so that a peer has none of its own.
function stateChanged(this: Peer, state: SocketState): void {
  if (state === SocketState.ConnectedState) this.watch.begin(this);
  else this.end();
}

function destroyed(this: Peer): void {
  this.watch.remove(this.socket);
}

/** In whole milliseconds, which need no memory of their own. */
function time(): number {
  return Math.floor(performance.now());
}
