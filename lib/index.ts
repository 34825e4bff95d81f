/**
 * The door for Node: all of Qt WebSockets, and what belongs to it of Qt Core and Qt Network.
 *
 * @module qwebsockets
 */
export * from './portable.ts';
export { ForwardedHeader } from './network/forwarded-header.ts';
export { proxyFromUrl } from './network/proxy-from-url.ts';
export { QNetworkProxyQuery, QueryType } from './network/qnetworkproxyquery.ts';
export { type ProxySource } from './network/application-proxy.ts';
export { type QNetworkProxyFactoryBase } from './network/qnetworkproxyfactory.ts';
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
export { Method, QHttpServerRequest } from './websockets/qhttpserverrequest.ts';
export {
  QHttpServerWebSocketUpgradeResponse,
  ResponseType,
  type AcceptOptions,
  type DenyOptions,
  type HeaderList,
} from './websockets/qhttpserverwebsocketupgraderesponse.ts';
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
export {
  type BrokerMessage,
  type TopicBroker,
  type TopicBrokerSignals,
  type TopicContent,
} from './websockets/topic-broker.ts';
export { type PublishOptions } from './websockets/topics.ts';
export { UpgradeData } from './websockets/upgrade-data.ts';
export { type UpgradeAnswer, type UpgradeVerifier } from './websockets/upgrade-verifiers.ts';
