/** The states of a socket, as QAbstractSocket::SocketState. @enum */
export const SocketState = {
  /** Not connected. */
  UnconnectedState: 0,
  /** Looking up the host's name; a QWebSocket reports `ConnectingState` instead. */
  HostLookupState: 1,
  /** Connecting: from `open()` to the end of the WebSocket handshake. */
  ConnectingState: 2,
  /** Open for messages. */
  ConnectedState: 3,
  /** Bound to an address and port; of servers and datagrams only. */
  BoundState: 4,
  /** Internal to Qt; never reported. */
  ListeningState: 5,
  /** About to close; the closing handshake is going on. */
  ClosingState: 6,
} as const;
export type SocketState = (typeof SocketState)[keyof typeof SocketState];

/** What went wrong with a socket, as QAbstractSocket::SocketError. @enum */
export const SocketError = {
  /** The peer refused the connection or the WebSocket handshake, or the URL is invalid. */
  ConnectionRefusedError: 0,
  /** The peer closed the connection without a closing handshake. */
  RemoteHostClosedError: 1,
  /** The host's name is unknown. */
  HostNotFoundError: 2,
  /** The system denies this socket to the process. */
  SocketAccessError: 3,
  /** The system has no more sockets, or more waits for the peer than may. */
  SocketResourceError: 4,
  /** An operation took too long. */
  SocketTimeoutError: 5,
  /** A datagram or frame is larger than can be sent. */
  DatagramTooLargeError: 6,
  /** The network failed. */
  NetworkError: 7,
  /** The address and port are taken already. */
  AddressInUseError: 8,
  /** The address does not belong to this host. */
  SocketAddressNotAvailableError: 9,
  /** The platform cannot do this, or the URL's scheme is unknown. */
  UnsupportedSocketOperationError: 10,
  /** The last operation has not ended yet. */
  UnfinishedSocketOperationError: 11,
  /** The proxy wants other credentials, or any. */
  ProxyAuthenticationRequiredError: 12,
  /** The TLS handshake failed. */
  SslHandshakeFailedError: 13,
  /** The proxy refused the connection. */
  ProxyConnectionRefusedError: 14,
  /** The proxy closed the connection before the tunnel was made. */
  ProxyConnectionClosedError: 15,
  /** The proxy did not answer in time. */
  ProxyConnectionTimeoutError: 16,
  /** The proxy's name is unknown. */
  ProxyNotFoundError: 17,
  /** The proxy's answer makes no sense. */
  ProxyProtocolError: 18,
  /** The operation is not allowed in the current state. */
  OperationError: 19,
  /** The TLS library failed. */
  SslInternalError: 20,
  /** A certificate, key or cipher that was set for TLS is unusable. */
  SslInvalidUserDataError: 21,
  /** Something that a second attempt may overcome. */
  TemporaryError: 22,
  /** An error without a number of its own; also the value when there was none. */
  UnknownSocketError: -1,
} as const;
export type SocketError = (typeof SocketError)[keyof typeof SocketError];

/** When a socket stops and waits for `resume()`, as QAbstractSocket::PauseMode. @enum */
export const PauseMode = {
  /** Never. */
  PauseNever: 0,
  /** When `sslErrors` has been emitted. */
  PauseOnSslErrors: 1,
} as const;
export type PauseMode = (typeof PauseMode)[keyof typeof PauseMode];

/** The version of an address, as QAbstractSocket::NetworkLayerProtocol. @enum */
export const NetworkLayerProtocol = {
  /** IPv4. */
  IPv4Protocol: 0,
  /** IPv6. */
  IPv6Protocol: 1,
  /** Either, on a dual-stack socket. */
  AnyIPProtocol: 2,
  /** Neither: the address is null. */
  UnknownNetworkLayerProtocol: -1,
} as const;
export type NetworkLayerProtocol = (typeof NetworkLayerProtocol)[keyof typeof NetworkLayerProtocol];

/**
 * Qt's enumerators under the name of the class that has them in Qt, nested and flat:
 * `QAbstractSocket.SocketState.ConnectedState` and `QAbstractSocket.ConnectedState` are the same
 * number.
 */
export const QAbstractSocket: Readonly<
  typeof SocketState &
    typeof SocketError &
    typeof PauseMode &
    typeof NetworkLayerProtocol & {
      SocketState: typeof SocketState;
      SocketError: typeof SocketError;
      PauseMode: typeof PauseMode;
      NetworkLayerProtocol: typeof NetworkLayerProtocol;
    }
> = Object.freeze({
  ...SocketState,
  ...SocketError,
  ...PauseMode,
  ...NetworkLayerProtocol,
  SocketState,
  SocketError,
  PauseMode,
  NetworkLayerProtocol,
});
