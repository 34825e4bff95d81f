/**
 * Sockets as the streams of Node.
 *
 * @module qwebsockets/streams
 */
export { toDuplex, type SocketStreamOptions } from './node/to-duplex.ts';
