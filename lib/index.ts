/**
 * The door for Node: all of Qt WebSockets, and what belongs to it of Qt Core and Qt Network.
 *
 * @module qwebsockets
 */
export { type AnyQObject } from './core/any-qobject.ts';
export { connect, disconnect, type Sender } from './core/connect.ts';
export { ConnectionType } from './core/connection-type.ts';
export { type Connection, type SignalName } from './core/connection.ts';
export { sender } from './core/emission.ts';
export { QObject, type AllSignals, type QObjectSignals, type SignalArgs } from './core/qobject.ts';
export { Signal, type Relay, type Slot } from './core/signal.ts';
export { BacklogPolicy } from './network/backlog-policy.ts';
export { ForwardedHeader } from './network/forwarded-header.ts';
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
export { proxyFromUrl } from './network/proxy-from-url.ts';
export { ProxyType, QNetworkProxy } from './network/qnetworkproxy.ts';
export { QNetworkProxyQuery, QueryType } from './network/qnetworkproxyquery.ts';
export { type ProxySource } from './network/application-proxy.ts';
export { type QNetworkProxyFactoryBase } from './network/qnetworkproxyfactory.ts';
export { KnownHeaders, QNetworkRequest, RequestAttribute } from './network/qnetworkrequest.ts';
export { ComponentFormattingOption, QUrl } from './network/qurl.ts';
export {
  type ConnectionMessage,
  type DiagnosticsMessages,
  type EndsMessage,
  type HeadMessage,
  type PayloadMessage,
  type SecuredMessage,
  type ServerMessage,
  type SocketMessage,
} from './node/diagnostics/messages.ts';
export { QNetworkProxyFactory } from './node/qnetworkproxyfactory.ts';

export { QWebSocket } from './node/qwebsocket.ts';
export { QWebSocketServer } from './node/qwebsocketserver.ts';
export { Reconnector } from './node/reconnector.ts';
export { statisticsOf } from './node/statistics-of.ts';
export { QCryptographicHash, type Algorithm } from './ssl/qcryptographichash.ts';
export {
  AlertLevel,
  AlertType,
  AlternativeNameEntryType,
  EncodingFormat,
  KeyAlgorithm,
  KeyType,
  QSsl,
  SslOption,
  SslProtocol,
} from './ssl/qssl.ts';
export {
  PatternSyntax,
  QSslCertificate,
  SubjectInfo,
  type CertificateHandle,
} from './ssl/qsslcertificate.ts';
export { QSslCipher } from './ssl/qsslcipher.ts';
export { NextProtocolNegotiationStatus, QSslConfiguration } from './ssl/qsslconfiguration.ts';
export { QSslError, SslError } from './ssl/qsslerror.ts';
export { QSslKey, type KeyHandle } from './ssl/qsslkey.ts';
export { QSslPreSharedKeyAuthenticator } from './ssl/qsslpresharedkeyauthenticator.ts';
export { PeerVerifyMode, QSslSocket } from './ssl/qsslsocket.ts';
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
export { Method, QHttpServerRequest } from './websockets/qhttpserverrequest.ts';
export {
  QHttpServerWebSocketUpgradeResponse,
  ResponseType,
  type AcceptOptions,
  type DenyOptions,
  type HeaderList,
} from './websockets/qhttpserverwebsocketupgraderesponse.ts';
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
export {
  type ByteStream,
  type UnverifiedClient,
  type UpgradeListener,
  type UpgradeRequest,
  type UpgradeSource,
} from './websockets/server-backend.ts';
export {
  type RefusalReason,
  type ServerStatistics,
  type TrafficStatistics,
} from './websockets/server-statistics.ts';
export {
  SslMode,
  type AttachOptions,
  type QWebSocketServerBase,
  type QWebSocketServerSignals,
  type SocketFilter,
} from './websockets/qwebsocketserver-base.ts';
export { QueuePolicy } from './websockets/queue-policy.ts';
export {
  type BrokerMessage,
  type TopicBroker,
  type TopicBrokerSignals,
  type TopicContent,
} from './websockets/topic-broker.ts';
export { type PublishOptions } from './websockets/topics.ts';
export { UpgradeData } from './websockets/upgrade-data.ts';
export { type UpgradeAnswer, type UpgradeVerifier } from './websockets/upgrade-verifiers.ts';
export { type ReconnectFailure } from './websockets/reconnect-failure.ts';
export { type Destination, type ReconnectOptions } from './websockets/reconnect-options.ts';
export { type ReconnectorBase, type ReconnectorSignals } from './websockets/reconnector-base.ts';
export { type WakeSource } from './websockets/wake-source.ts';
