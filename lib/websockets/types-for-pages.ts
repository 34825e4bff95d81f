/**
 * What is not there in pages, and stands in the declarations of what is: TLS is the browser's, and
 * servers are made elsewhere.
 */
export type { ForwardedHeader } from '../network/forwarded-header.ts';
export type { Algorithm } from '../ssl/qcryptographichash.ts';
export type {
  AlertLevel,
  AlertType,
  AlternativeNameEntryType,
  EncodingFormat,
  KeyAlgorithm,
  KeyType,
  SslOption,
  SslProtocol,
} from '../ssl/qssl.ts';
export type {
  CertificateHandle,
  PatternSyntax,
  QSslCertificate,
  SubjectInfo,
} from '../ssl/qsslcertificate.ts';
export type { QSslCipher } from '../ssl/qsslcipher.ts';
export type { NextProtocolNegotiationStatus, QSslConfiguration } from '../ssl/qsslconfiguration.ts';
export type { QSslError, SslError } from '../ssl/qsslerror.ts';
export type { KeyHandle, QSslKey } from '../ssl/qsslkey.ts';
export type { QSslPreSharedKeyAuthenticator } from '../ssl/qsslpresharedkeyauthenticator.ts';
export type { PeerVerifyMode } from '../ssl/qsslsocket.ts';
export type { Method, QHttpServerRequest } from './qhttpserverrequest.ts';
export type {
  AcceptOptions,
  DenyOptions,
  HeaderList,
  QHttpServerWebSocketUpgradeResponse,
  ResponseType,
} from './qhttpserverwebsocketupgraderesponse.ts';
export type {
  AttachOptions,
  QWebSocketServerBase,
  QWebSocketServerSignals,
  SocketFilter,
  SslMode,
} from './qwebsocketserver-base.ts';
export type {
  ByteStream,
  UnverifiedClient,
  UpgradeListener,
  UpgradeRequest,
  UpgradeSource,
} from './server-backend.ts';
export type { RefusalReason, ServerStatistics, TrafficStatistics } from './server-statistics.ts';
export type {
  BrokerMessage,
  TopicBroker,
  TopicBrokerSignals,
  TopicContent,
} from './topic-broker.ts';
export type { PublishOptions } from './topics.ts';
export type { UpgradeAnswer, UpgradeVerifier } from './upgrade-verifiers.ts';
