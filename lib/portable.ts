// What every door has that has a QWebSocket, on whatever platform: re-exports, nothing else.
export { type AnyQObject } from './core/any-qobject.ts';
export { connect, disconnect, type Sender } from './core/connect.ts';
export { ConnectionType } from './core/connection-type.ts';
export { type Connection, type SignalName } from './core/connection.ts';
export { sender } from './core/emission.ts';
export { QObject, type AllSignals, type QObjectSignals, type SignalArgs } from './core/qobject.ts';
export { Signal, type Relay, type Slot } from './core/signal.ts';
export { BacklogPolicy } from './network/backlog-policy.ts';
export {
  NetworkLayerProtocol,
  PauseMode,
  QAbstractSocket,
  SocketError,
  SocketState,
} from './network/qabstractsocket.ts';
export { QAuthenticator } from './network/qauthenticator.ts';
export { QHostAddress, SpecialAddress } from './network/qhostaddress.ts';
export { QHttpHeaders } from './network/qhttpheaders.ts';
export { ProxyType, QNetworkProxy } from './network/qnetworkproxy.ts';
export { KnownHeaders, QNetworkRequest, RequestAttribute } from './network/qnetworkrequest.ts';
export { ComponentFormattingOption, QUrl } from './network/qurl.ts';
export {
  BackPressure,
  type BackPressureOptions,
  type BackPressureSignals,
  type BroadcastOptions,
  type KeyOptions,
} from './websockets/back-pressure.ts';
export { type Bytes } from './websockets/bytes.ts';
export { ClockJumps } from './websockets/clock-jumps.ts';
export { type CompressionOptions, type SendOptions } from './websockets/compression-options.ts';
export { ConnectionError } from './websockets/connection-error.ts';
export { drained, type DrainedOptions, type DrainOptions } from './websockets/drained.ts';
export { emitted, type WaitOptions } from './websockets/emitted.ts';
export { messages } from './websockets/messages.ts';
export { opened, type OpenOptions } from './websockets/opened.ts';
export {
  KeepAlive,
  type KeepAliveOptions,
  type KeepAliveSignals,
} from './websockets/keep-alive.ts';
export { type OutgoingMessage } from './websockets/outgoing-message.ts';
export { QDefaultMaskGenerator } from './websockets/qdefaultmaskgenerator.ts';
export { QMaskGenerator } from './websockets/qmaskgenerator.ts';
export { type QWebSocketBase, type QWebSocketSignals } from './websockets/qwebsocket-base.ts';
export { QWebSocketCorsAuthenticator } from './websockets/qwebsocketcorsauthenticator.ts';
export { QWebSocketHandshakeOptions } from './websockets/qwebsockethandshakeoptions.ts';
export { QWebSocketPreparedMessage } from './websockets/qwebsocketpreparedmessage.ts';
export {
  CloseCode,
  QWebSocketProtocol,
  Version,
  versionFromString,
} from './websockets/qwebsocketprotocol.ts';
export { QueuePolicy } from './websockets/queue-policy.ts';
export { type ReconnectFailure } from './websockets/reconnect-failure.ts';
export { type Destination, type ReconnectOptions } from './websockets/reconnect-options.ts';
export { type ReconnectorBase, type ReconnectorSignals } from './websockets/reconnector-base.ts';
export { type WakeSource } from './websockets/wake-source.ts';
