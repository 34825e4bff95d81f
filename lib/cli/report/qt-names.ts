/** What a type of Qt has, by kind; each name once. */
export interface QtNames {
  /** What an object of it is called in examples. */
  readonly receiver: string;
  readonly methods?: readonly string[];
  readonly statics?: readonly string[];
  readonly signals?: readonly string[];
  /** Of QML types. */
  readonly properties?: readonly string[];
  readonly enums?: Readonly<Record<string, readonly string[]>>;
}

/** The types of Qt WebSockets 6.9, with `sslErrorsOccurred` of 6.11. */
export const MODULE_TYPES: Readonly<Record<string, QtNames>> = {
  QWebSocket: {
    receiver: 'socket',
    methods: words(
      'abort error errorString flush isValid localAddress localPort pauseMode peerAddress peerName peerPort proxy setProxy setMaskGenerator maskGenerator readBufferSize setReadBufferSize resume setPauseMode state version resourceName requestUrl request handshakeOptions origin subprotocol closeCode closeReason sendTextMessage sendBinaryMessage ignoreSslErrors continueInterruptedHandshake setSslConfiguration sslConfiguration bytesToWrite setMaxAllowedIncomingFrameSize maxAllowedIncomingFrameSize setMaxAllowedIncomingMessageSize maxAllowedIncomingMessageSize setOutgoingFrameSize outgoingFrameSize close open ping',
    ),
    statics: words('maxIncomingMessageSize maxIncomingFrameSize maxOutgoingFrameSize'),
    signals: words(
      'aboutToClose connected disconnected stateChanged proxyAuthenticationRequired authenticationRequired readChannelFinished textFrameReceived binaryFrameReceived textMessageReceived binaryMessageReceived error errorOccurred pong bytesWritten peerVerifyError sslErrors preSharedKeyAuthenticationRequired alertSent alertReceived handshakeInterruptedOnError',
    ),
  },
  QWebSocketServer: {
    receiver: 'server',
    methods: words(
      'listen close isListening setMaxPendingConnections maxPendingConnections setHandshakeTimeout handshakeTimeout handshakeTimeoutMS serverPort serverAddress serverUrl secureMode setSocketDescriptor socketDescriptor setNativeDescriptor nativeDescriptor hasPendingConnections nextPendingConnection error errorString pauseAccepting resumeAccepting setServerName serverName setSupportedSubprotocols supportedSubprotocols setProxy proxy setSslConfiguration sslConfiguration supportedVersions handleConnection',
    ),
    signals: words(
      'acceptError serverError originAuthenticationRequired newConnection peerVerifyError sslErrors preSharedKeyAuthenticationRequired alertSent alertReceived handshakeInterruptedOnError closed sslErrorsOccurred',
    ),
    enums: {
      SslMode: words('SecureMode NonSecureMode'),
    },
  },
  QWebSocketProtocol: {
    receiver: '',
    enums: {
      Version: words(
        'VersionUnknown Version0 Version4 Version5 Version6 Version7 Version8 Version13 VersionLatest',
      ),
      CloseCode: words(
        'CloseCodeNormal CloseCodeGoingAway CloseCodeProtocolError CloseCodeDatatypeNotSupported CloseCodeReserved1004 CloseCodeMissingStatusCode CloseCodeAbnormalDisconnection CloseCodeWrongDatatype CloseCodePolicyViolated CloseCodeTooMuchData CloseCodeMissingExtension CloseCodeBadOperation CloseCodeTlsHandshakeFailed',
      ),
    },
  },
  QWebSocketCorsAuthenticator: {
    receiver: 'authenticator',
    methods: words('swap origin setAllowed allowed'),
  },
  QWebSocketHandshakeOptions: {
    receiver: 'options',
    methods: words('swap subprotocols setSubprotocols'),
  },
  QMaskGenerator: {
    receiver: 'generator',
    methods: words('seed nextMask'),
  },
};

/** The QML types of the module. */
export const QML_TYPES: Readonly<Record<string, QtNames>> = {
  WebSocket: {
    receiver: 'socket',
    methods: words('sendTextMessage sendBinaryMessage'),
    signals: words(
      'textMessageReceived binaryMessageReceived statusChanged activeChanged errorStringChanged urlChanged requestedSubprotocolsChanged negotiatedSubprotocolChanged',
    ),
    properties: words('url requestedSubprotocols status errorString active negotiatedSubprotocol'),
    enums: {
      Status: words('Connecting Open Closing Closed Error'),
    },
  },
  WebSocketServer: {
    receiver: 'server',
    signals: words(
      'clientConnected errorStringChanged urlChanged portChanged nameChanged supportedSubprotocolsChanged hostChanged listenChanged acceptChanged',
    ),
    properties: words('url host port name supportedSubprotocols errorString listen accept'),
  },
};

/** What every object has, as far as it is here. */
export const QOBJECT: QtNames = {
  receiver: 'object',
  methods: words(
    'deleteLater setParent parent children sender disconnect blockSignals signalsBlocked objectName setObjectName',
  ),
  statics: words('connect'),
  signals: words('destroyed objectNameChanged'),
};

/** Enums of other types that programs compare with. */
export const COMPANION_ENUMS: Readonly<
  Record<string, Readonly<Record<string, readonly string[]>>>
> = {
  QAbstractSocket: {
    SocketError: words(
      'ConnectionRefusedError RemoteHostClosedError HostNotFoundError SocketAccessError SocketResourceError SocketTimeoutError DatagramTooLargeError NetworkError AddressInUseError SocketAddressNotAvailableError UnsupportedSocketOperationError UnfinishedSocketOperationError ProxyAuthenticationRequiredError SslHandshakeFailedError ProxyConnectionRefusedError ProxyConnectionClosedError ProxyConnectionTimeoutError ProxyNotFoundError ProxyProtocolError OperationError SslInternalError SslInvalidUserDataError TemporaryError UnknownSocketError',
    ),
    SocketState: words(
      'UnconnectedState HostLookupState ConnectingState ConnectedState BoundState ListeningState ClosingState',
    ),
    PauseMode: words('PauseNever PauseOnSslErrors'),
    NetworkLayerProtocol: words(
      'IPv4Protocol IPv6Protocol AnyIPProtocol UnknownNetworkLayerProtocol',
    ),
  },
  QHostAddress: {
    SpecialAddress: words('Null Broadcast LocalHost LocalHostIPv6 Any AnyIPv6 AnyIPv4'),
  },
  QNetworkProxy: {
    ProxyType: words('DefaultProxy Socks5Proxy NoProxy HttpProxy HttpCachingProxy FtpCachingProxy'),
  },
  QSslError: {
    SslError: words(
      'NoError UnableToGetIssuerCertificate UnableToDecryptCertificateSignature UnableToDecodeIssuerPublicKey CertificateSignatureFailed CertificateNotYetValid CertificateExpired InvalidNotBeforeField InvalidNotAfterField SelfSignedCertificate SelfSignedCertificateInChain UnableToGetLocalIssuerCertificate UnableToVerifyFirstCertificate CertificateRevoked InvalidCaCertificate PathLengthExceeded InvalidPurpose CertificateUntrusted CertificateRejected SubjectIssuerMismatch AuthorityIssuerSerialNumberMismatch NoPeerCertificate HostNameMismatch NoSslSupport CertificateBlacklisted CertificateStatusUnknown OcspNoResponseFound OcspMalformedRequest OcspMalformedResponse OcspInternalError OcspTryLater OcspSigRequred OcspUnauthorized OcspResponseCannotBeTrusted OcspResponseCertIdUnknown OcspResponseExpired OcspStatusUnknown UnspecifiedError',
    ),
  },
  QSslSocket: {
    PeerVerifyMode: words('VerifyNone QueryPeer VerifyPeer AutoVerifyPeer'),
  },
  QSsl: {
    AlertLevel: words('Warning Fatal Unknown'),
    AlertType: words(
      'CloseNotify UnexpectedMessage BadRecordMac RecordOverflow DecompressionFailure HandshakeFailure NoCertificate BadCertificate UnsupportedCertificate CertificateRevoked CertificateExpired CertificateUnknown IllegalParameter UnknownCa AccessDenied DecodeError DecryptError ExportRestriction ProtocolVersion InsufficientSecurity InternalError InappropriateFallback UserCancelled NoRenegotiation MissingExtension UnsupportedExtension CertificateUnobtainable UnrecognizedName BadCertificateStatusResponse BadCertificateHashValue UnknownPskIdentity CertificateRequired NoApplicationProtocol UnknownAlertMessage',
    ),
    SslProtocol: words(
      'TlsV1_0 TlsV1_1 TlsV1_2 AnyProtocol SecureProtocols TlsV1_0OrLater TlsV1_1OrLater TlsV1_2OrLater DtlsV1_0 DtlsV1_0OrLater DtlsV1_2 DtlsV1_2OrLater TlsV1_3 TlsV1_3OrLater UnknownProtocol',
    ),
    KeyAlgorithm: words('Opaque Rsa Dsa Ec Dh MlDsa'),
    KeyType: words('PrivateKey PublicKey'),
    EncodingFormat: words('Pem Der'),
    SslOption: words(
      'SslOptionDisableEmptyFragments SslOptionDisableSessionTickets SslOptionDisableCompression SslOptionDisableServerNameIndication SslOptionDisableLegacyRenegotiation SslOptionDisableSessionSharing SslOptionDisableSessionPersistence SslOptionDisableServerCipherPreference',
    ),
  },
};

/** Members of QObject that are not here: they belong to Qt's object system, not to WebSockets. */
export const QOBJECT_ELSEWHERE: ReadonlySet<string> = new Set(
  words(
    'childEvent connectNotify customEvent disconnectNotify dumpObjectInfo dumpObjectTree dynamicPropertyNames event eventFilter findChild findChildren inherits installEventFilter isSignalConnected isWidgetType isWindowType killTimer metaObject moveToThread property qt_metacall qt_metacast receivers removeEventFilter senderSignalIndex setProperty startTimer staticMetaObject thread timerEvent tr',
  ),
);

/** The words of `text`. */
export function words(text: string): readonly string[] {
  return text.split(' ');
}
