import type { Duplex } from 'node:stream';
import type { Endpoint } from '../network/endpoint.ts';

/** What sockets know of their ends; other streams have none that we know of. */
interface Ends {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

const addressKey = Symbol('address');
const portKey = Symbol('port');
const saidKey = Symbol('said');
const carrierKey = Symbol('carrier');

type Connection = Duplex &
  Ends & {
    [addressKey]?: string;
    [portKey]?: number;
    [saidKey]?: SaidEnds;
    [carrierKey]?: Duplex;
  };

/** What a proxy has said of the ends of a connection that it passes on. */
export interface SaidEnds {
  readonly peer: Endpoint;
  /** As the stream has it, if the proxy has not said. */
  readonly local?: Endpoint | undefined;
}

/**
 * Who is at the other end of `stream`: whom a proxy has named, or else the peer of the connection.
 *
 * Node remembers the address of a socket once it was asked for, also when that is closed: in 90 bytes,
 * so it is not asked where there is a {@link notePeer | note}.
 */
export function peerOf(stream: Duplex): Endpoint {
  const { [saidKey]: said, [carrierKey]: carrier } = stream as Connection;
  if (said !== undefined) return said.peer;
  if (carrier !== undefined) return peerOf(carrier);
  const { [addressKey]: address, [portKey]: port } = stream as Connection;
  if (address !== undefined && port !== undefined) return { address, port };
  const { remoteAddress = '', remotePort = 0 } = stream as Connection;
  return { address: remoteAddress, port: remotePort };
}

// Behind a gateway all have the same, and need not each keep a copy.
let lastAddress = '';

/** Notes what the system says of the peer of `stream`. */
export function notePeer(stream: Duplex, address: string, port: number): void {
  if (address !== lastAddress) lastAddress = address;
  const connection: Connection = stream;
  connection[addressKey] = lastAddress;
  connection[portKey] = port;
}

/** Where the peer of `stream` has connected to. */
export function localEndOf(stream: Duplex): Endpoint {
  const { [saidKey]: said, [carrierKey]: carrier } = stream as Connection;
  if (said?.local !== undefined) return said.local;
  if (carrier !== undefined) return localEndOf(carrier);
  const { localAddress = '', localPort = 0 } = stream as Connection;
  return { address: localAddress, port: localPort };
}

/**
 * Whether `stream` had a peer with an address, and does not know it any more: it was reset before
 * anybody asked. A peer that comes by a Unix-domain socket never had one, at either end.
 */
export function hasLostPeer(stream: Duplex): boolean {
  return peerOf(stream).address === '' && localEndOf(stream).address !== '';
}

/** Notes what a proxy says of `stream`; what is said of its {@link carry | carrier} counts no more. */
export function noteEnds(stream: Duplex, ends: SaidEnds): void {
  const connection: Connection = stream;
  connection[saidKey] = { ...connection[saidKey], ...ends };
}

/** Has `stream`, such as a TLS socket, have the ends of the stream that it goes over. */
export function carry(stream: Duplex, carrier: Duplex): void {
  (stream as Connection)[carrierKey] = carrier;
}

/** The stream that `stream` goes over; itself where it goes over none. */
export function carrierOf(stream: Duplex): Duplex {
  return (stream as Connection)[carrierKey] ?? stream;
}
