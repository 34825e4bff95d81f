import { expect } from 'chai';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { ConnectionError } from '../../lib/websockets/connection-error.ts';
import { TestSocket } from '../support/fake-backend.ts';

describe('ConnectionError', () => {
  it('carries what the socket says of its end', () => {
    const socket = new TestSocket();
    socket.connect();
    socket.backend.connection().lost(SocketError.NetworkError, 'Cut.');

    expect(new ConnectionError(socket)).to.deep.include({
      name: 'ConnectionError',
      message: 'Cut.',
      error: SocketError.NetworkError,
      closeCode: 1006,
      closeReason: '',
    });
  });

  it('keeps that when the socket is opened again', () => {
    const socket = new TestSocket();
    socket.connect();
    socket.backend.connection().closing(4000, 'why\nso');
    socket.backend.connection().closed();
    const error = new ConnectionError(socket);
    socket.open('ws://host.example/');

    expect(error.message).to.equal('The socket is not connected; its close code is 4000 (why?so).');
    expect(error).to.deep.include({
      error: SocketError.UnknownSocketError,
      closeCode: 4000,
      closeReason: 'why\nso',
    });
  });
});
