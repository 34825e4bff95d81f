/**
 * Qt WebChannel: objects for remote clients, and sockets for Qt's client.
 *
 * @module qwebsockets/webchannel
 */
export { type ChannelType, type ChannelTypes } from './webchannel/channel-type.ts';
export {
  type ChannelSignal,
  type ChannelTypeFor,
  type MemberName,
  type MethodName,
  type NotifyDescription,
  type ObjectDescription,
  type ParameterTypes,
  type PropertyDescription,
  type WritableDescription,
} from './webchannel/object-description.ts';
export { type ObjectClass } from './webchannel/object-publisher.ts';
export { QWebChannel, type QWebChannelSignals } from './webchannel/qwebchannel.ts';
export {
  QWebChannelAbstractTransport,
  type QWebChannelAbstractTransportSignals,
} from './webchannel/qwebchannelabstracttransport.ts';
export {
  toWebChannelTransport,
  type WebChannelTransport,
} from './webchannel/to-web-channel-transport.ts';
export {
  WebSocketClientWrapper,
  type WebSocketClientWrapperSignals,
} from './webchannel/websocket-client-wrapper.ts';
export { WebSocketTransport } from './webchannel/websocket-transport.ts';
