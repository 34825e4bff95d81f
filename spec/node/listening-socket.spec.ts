import { expect } from 'chai';
import { once } from 'node:events';
import net, { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { restore, stub } from 'sinon';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress, SpecialAddress } from '../../lib/network/qhostaddress.ts';
import {
  ListeningSocket,
  toAddress,
  type ListeningSocketOwner,
} from '../../lib/node/listening-socket.ts';
import { hasLocalSockets, LocalPath } from '../support/local-path.ts';
import { wordsOf } from '../support/words-of.ts';

class Owner implements ListeningSocketOwner {
  readonly accepted: net.Socket[] = [];
  readonly failures: SocketError[] = [];

  accept(socket: net.Socket): void {
    this.accepted.push(socket);
  }

  acceptFailed(error: SocketError): void {
    this.failures.push(error);
  }
}

function portOf(socket: ListeningSocket): number {
  return (socket.bound() as net.AddressInfo).port;
}

describe('ListeningSocket', () => {
  let owner: Owner;
  let socket: ListeningSocket;

  beforeEach(() => {
    owner = new Owner();
    socket = new ListeningSocket(owner, true);
  });

  afterEach(() => {
    restore();
    socket.close();
    for (const accepted of owner.accepted) accepted.destroy();
  });

  it('is bound when listen() returns, and gives away what connects', async () => {
    expect(socket.listen(new QHostAddress('127.0.0.1'), 0)).to.equal('');
    const client = connect(portOf(socket), '127.0.0.1');
    await once(client, 'connect');
    while (owner.accepted.length === 0) await setImmediate();
    client.destroy();

    expect(socket.isOpen).to.equal(true);
    expect(socket.address.toString()).to.equal('127.0.0.1');
  });

  it('tells the address that it was asked for, and another one of its own each time', () => {
    socket.listen(QHostAddress.Any, 0);

    expect(socket.address.equals(SpecialAddress.Any)).to.equal(true);
    expect(socket.address).to.not.equal(socket.address);
  });

  it('says why it cannot listen', () => {
    socket.listen(new QHostAddress('127.0.0.1'), 0);
    const other = new ListeningSocket(owner, true);
    const problem = other.listen(new QHostAddress('127.0.0.1'), portOf(socket));

    expect(wordsOf(problem)).to.equal('The bound address is already in use');
    expect(other.isOpen).to.equal(false);
    expect(other.bound()).to.equal(undefined);
  });

  it('has a descriptor only while it is open', () => {
    expect(socket.descriptor).to.equal(-1);
    socket.listen(new QHostAddress('127.0.0.1'), 0);
    if (process.platform !== 'win32') expect(socket.descriptor).to.be.above(0);
    socket.close();

    expect(socket.descriptor).to.equal(-1);
  });

  it('says why a descriptor is none of a listening socket', () => {
    expect(socket.adopt(2 ** 20)).to.include('descriptor 1048576');
    expect(socket.isOpen).to.equal(false);
  });

  it('can be opened again', () => {
    socket.listen(new QHostAddress('127.0.0.1'), 0);
    socket.close();
    expect(socket.isOpen).to.equal(false);

    expect(socket.listen(new QHostAddress('127.0.0.1'), 0)).to.equal('');
  });

  it('tells that a connection could not be accepted', () => {
    const created = stub(net, 'createServer').callThrough();
    socket.listen(new QHostAddress('127.0.0.1'), 0);
    const [server] = created.returnValues;
    server!.emit('error', Object.assign(new Error('EMFILE'), { code: 'EMFILE' }));

    expect(owner.failures).to.deep.equal([SocketError.SocketResourceError]);
  });

  it('listens on a Unix-domain socket', function () {
    if (!hasLocalSockets) this.skip();
    const place = new LocalPath();

    expect(socket.listenLocal(place.path)).to.equal('');
    expect(socket.bound()).to.equal(place.path);
    expect(socket.address.isNull()).to.equal(true);
    place.remove();
  });
});

describe('toAddress()', () => {
  it('takes :: for all addresses of both protocols', () => {
    const bound = { address: '::', family: 'IPv6', port: 1 };

    expect(toAddress(bound).equals(SpecialAddress.Any)).to.equal(true);
  });

  for (const nowhere of ['/run/chat.sock', null, undefined]) {
    it(`is null for ${nowhere}`, () => {
      expect(toAddress(nowhere).isNull()).to.equal(true);
    });
  }
});
