/**
 * Qt WebChannel over sockets.
 *
 * @module qwebsockets/webchannel
 */
export {
  toWebChannelTransport,
  type WebChannelTransport,
} from './webchannel/to-web-channel-transport.ts';
