import type { Socket } from 'node:net';
import { placeOf } from '../../network/failure-text.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import { toSocketFailure, remoteClosed, type SocketFailure } from '../socket-errors.ts';
import type { Route, RouteEvents, RouteOptions } from './route.ts';
import { connectLocal, connectTcp, dialling } from './tcp.ts';

const NOTHING = Buffer.alloc(0);

/** Reaches `host` over TCP, both families as they answer first (RFC 8305). */
export function directRoute(
  host: string,
  port: number,
  options: RouteOptions,
  events: RouteEvents,
): Route {
  // Node would take an empty name for the local host.
  const dial = host === '' ? undefined : () => connectTcp(host, port, options);
  return new DirectRoute('direct', dial, placeOf(host, port), events);
}

/** Reaches a server on this machine through the Unix-domain socket `path`. */
export function localRoute(path: string, options: RouteOptions, events: RouteEvents): Route {
  return new DirectRoute('local', () => connectLocal(path, options), path, events);
}

class DirectRoute implements Route {
  readonly #kind: 'direct' | 'local';
  readonly #dial: (() => Socket) | undefined;
  readonly #place: string;
  readonly #events: RouteEvents;
  #socket: Socket | undefined;
  #isOver = false;

  /**
   * @param dial undefined where there is nobody to be reached.
   * @param place where it leads, for people.
   */
  constructor(
    kind: 'direct' | 'local',
    dial: (() => Socket) | undefined,
    place: string,
    events: RouteEvents,
  ) {
    this.#kind = kind;
    this.#dial = dial;
    this.#place = place;
    this.#events = events;
  }

  get socket(): Socket | undefined {
    return this.#socket;
  }

  get waitsFor(): string {
    return dialling(this.#socket, this.#place);
  }

  start(): void {
    this.#events.record?.routed(this.#kind, '');
    if (this.#dial === undefined) {
      process.nextTick(() => this.#fail(hostNotFound()));
      return;
    }
    const socket = this.#dial();
    this.#socket = socket;
    this.#events.record?.dialled(socket);
    socket.on('connect', this.#connected);
    socket.on('error', this.#broken);
    socket.on('close', this.#closed);
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#letGo();
    // An error of a socket that nobody needs any more is nobody's business.
    this.#socket?.on('error', ignore).destroy();
  }

  readonly #connected = (): void => {
    const socket = this.#socket!;
    this.#letGo();
    socket.pause();
    this.#events.routed(socket, NOTHING);
  };

  readonly #broken = (error: Error): void => this.#fail(toSocketFailure(error, this.#place));
  readonly #closed = (): void => this.#fail(remoteClosed(this.#place));

  #fail(failure: SocketFailure): void {
    if (this.#isOver) return;
    this.cancel();
    this.#events.routeFailed(failure);
  }

  #letGo(): void {
    this.#isOver = true;
    this.#socket?.off('connect', this.#connected);
    this.#socket?.off('error', this.#broken);
    this.#socket?.off('close', this.#closed);
  }
}

function ignore(): void {}

function hostNotFound(): SocketFailure {
  return {
    error: SocketError.HostNotFoundError,
    description: 'Host not found',
    cause: { layer: 'DNS', detail: 'the URL names no host' },
  };
}
