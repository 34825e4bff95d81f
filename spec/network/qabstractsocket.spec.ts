import { expect } from 'chai';
import {
  NetworkLayerProtocol,
  PauseMode,
  QAbstractSocket,
  SocketError,
  SocketState,
} from '../../lib/network/qabstractsocket.ts';

describe('SocketState', () => {
  it("has Qt's numbers", () => {
    expect(SocketState).to.deep.equal({
      UnconnectedState: 0,
      HostLookupState: 1,
      ConnectingState: 2,
      ConnectedState: 3,
      BoundState: 4,
      ListeningState: 5,
      ClosingState: 6,
    });
  });
});

describe('SocketError', () => {
  it("has Qt's numbers", () => {
    expect(SocketError).to.deep.equal({
      ConnectionRefusedError: 0,
      RemoteHostClosedError: 1,
      HostNotFoundError: 2,
      SocketAccessError: 3,
      SocketResourceError: 4,
      SocketTimeoutError: 5,
      DatagramTooLargeError: 6,
      NetworkError: 7,
      AddressInUseError: 8,
      SocketAddressNotAvailableError: 9,
      UnsupportedSocketOperationError: 10,
      UnfinishedSocketOperationError: 11,
      ProxyAuthenticationRequiredError: 12,
      SslHandshakeFailedError: 13,
      ProxyConnectionRefusedError: 14,
      ProxyConnectionClosedError: 15,
      ProxyConnectionTimeoutError: 16,
      ProxyNotFoundError: 17,
      ProxyProtocolError: 18,
      OperationError: 19,
      SslInternalError: 20,
      SslInvalidUserDataError: 21,
      TemporaryError: 22,
      UnknownSocketError: -1,
    });
  });
});

describe('QAbstractSocket', () => {
  const enums = { SocketState, SocketError, PauseMode, NetworkLayerProtocol };
  for (const [name, enumerators] of Object.entries(enums)) {
    it(`holds ${name} nested and flat`, () => {
      expect(QAbstractSocket).to.have.property(name, enumerators);
      expect(QAbstractSocket).to.include(enumerators);
    });
  }

  it('is typed by number', () => {
    const state: SocketState = QAbstractSocket.ConnectedState;
    // @ts-expect-error No state has this number.
    const none: SocketState = 7;

    expect([state, none]).to.deep.equal([3, 7]);
  });

  it("has Qt's numbers of its smaller enums", () => {
    expect(PauseMode).to.deep.equal({ PauseNever: 0, PauseOnSslErrors: 1 });
    expect(NetworkLayerProtocol).to.deep.equal({
      IPv4Protocol: 0,
      IPv6Protocol: 1,
      AnyIPProtocol: 2,
      UnknownNetworkLayerProtocol: -1,
    });
  });
});
