import { expect } from 'chai';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { restore, spy, stub } from 'sinon';
import {
  adoptListeningHandle,
  listenLocally,
  listenPublicly,
  openListeningHandle,
  type ListeningHandle,
} from '../../lib/node/listening-handle.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { hasLocalSockets, LocalPath } from '../support/local-path.ts';
import { RawClient } from '../support/raw-client.ts';

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((entry) => entry?.address === '::1');

describe('openListeningHandle', () => {
  let servers: net.Server[];

  beforeEach(() => {
    servers = [];
  });

  afterEach(() => {
    restore();
    for (const server of servers) server.close();
  });

  function open(address: QHostAddress, port = 0): ListeningHandle {
    const handle = openListeningHandle(address, port);
    if (handle instanceof Error) throw handle;
    return handle;
  }

  /** Where `handle` listens; it is closed in the end. */
  function serve(handle: ListeningHandle): net.AddressInfo {
    const server = net.createServer((socket) => socket.end('hello'));
    servers.push(server);
    server.listen(handle);
    return server.address() as net.AddressInfo;
  }

  async function greets(host: string, port: number): Promise<boolean> {
    try {
      const client = await RawClient.connect(port, host);
      return (await client.ended()) === 'hello';
    } catch {
      return false;
    }
  }

  const bound: [address: QHostAddress, text: string, name: string][] = [
    [QHostAddress.LocalHost, '127.0.0.1', 'LocalHost'],
    [QHostAddress.AnyIPv4, '0.0.0.0', 'AnyIPv4'],
    [QHostAddress.Null, '0.0.0.0', 'Null'],
    [QHostAddress.LocalHostIPv6, '::1', 'LocalHostIPv6'],
    [QHostAddress.AnyIPv6, '::', 'AnyIPv6'],
    [QHostAddress.Any, '::', 'Any'],
  ];
  for (const [address, text, name] of bound) {
    it(`binds ${text} for ${name}, at once`, function () {
      if (text.includes(':') && !hasIPv6) this.skip();

      const info = serve(open(address));

      expect(info.address).to.equal(text);
      expect(info.port).to.be.within(1, 65535);
    });
  }

  const reached: [address: QHostAddress, name: string, ipv4: boolean, ipv6: boolean][] = [
    [QHostAddress.Any, 'Any', true, true],
    [QHostAddress.AnyIPv6, 'AnyIPv6', false, true],
    [QHostAddress.AnyIPv4, 'AnyIPv4', true, false],
  ];
  for (const [address, name, ipv4, ipv6] of reached) {
    it(`lets ${name} be reached over the right protocols`, async function () {
      if (!hasIPv6) this.skip();

      const { port } = serve(open(address));

      expect([await greets('127.0.0.1', port), await greets('::1', port)]).to.deep.equal([
        ipv4,
        ipv6,
      ]);
    });
  }

  it('takes a port that is given', () => {
    const handle = open(QHostAddress.LocalHost);
    const { port } = serve(handle);
    servers.pop()?.close();

    expect(serve(open(QHostAddress.LocalHost, port)).port).to.equal(port);
  });

  it('tells that a port is taken', () => {
    const { port } = serve(open(QHostAddress.LocalHost));

    expect(openListeningHandle(QHostAddress.LocalHost, port)).to.include({ code: 'EADDRINUSE' });
  });

  it('tells that an address is not of this host', () => {
    const foreign = new QHostAddress('198.51.100.7');

    expect(openListeningHandle(foreign, 0)).to.include({ code: 'EADDRNOTAVAIL' });
  });

  it('listens on IPv4 alone when the host has no IPv6', async () => {
    const create = Reflect.get(net, '_createServerHandle') as (...args: unknown[]) => unknown;
    const unsupported = -97;
    stub(net as unknown as { _createServerHandle: typeof create }, '_createServerHandle').callsFake(
      (...args) => (args[0] === '::' ? unsupported : create(...args)),
    );

    expect(serve(open(QHostAddress.Any)).address).to.equal('0.0.0.0');
  });

  it('fails in a Node that cannot do it', () => {
    stub(net as unknown as { _createServerHandle: unknown }, '_createServerHandle').value(
      undefined,
    );

    expect(openListeningHandle(QHostAddress.LocalHost, 0)).to.include({ code: 'ENOTSUP' });
  });
});

describe('listenPublicly()', () => {
  /** Listens at once, as servers do in Bun. */
  class PromptServer extends net.Server {
    override listen(...args: unknown[]): this {
      const { host, port } = args[0] as { host: string; port: number };
      const handle = openListeningHandle(new QHostAddress(host), port);
      // What went wrong comes as an event.
      return handle instanceof Error ? this : super.listen(handle);
    }
  }

  it('has the server listen before it returns', () => {
    const server = new PromptServer();

    expect(listenPublicly(server, QHostAddress.LocalHost, 0)).to.equal(undefined);

    expect((server.address() as net.AddressInfo).address).to.equal('127.0.0.1');
    server.close();
  });

  it('fails where the server does not', () => {
    const server = new PromptServer();
    listenPublicly(server, QHostAddress.LocalHost, 0);
    const { port } = server.address() as net.AddressInfo;

    const failure = listenPublicly(new PromptServer(), QHostAddress.LocalHost, port);

    expect(failure).to.have.property('code', 'EADDRNOTAVAIL or EADDRINUSE');
    server.close();
  });

  it('leaves a server alone that would listen later, as in Node', async () => {
    const server = net.createServer();
    const listening = spy();
    server.on('listening', listening);

    expect(listenPublicly(server, QHostAddress.LocalHost, 0)).to.be.an('error');

    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect([server.listening, listening.callCount]).to.deep.equal([false, 0]);
  });
});

describe('adoptListeningHandle', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  it('listens on a socket that is bound', async () => {
    const create = Reflect.get(net, '_createServerHandle') as (
      ...args: unknown[]
    ) => ListeningHandle & { unref(): void };
    const given = create('127.0.0.1', 0, 4);
    // It cannot be closed: the descriptor is its twin's, and then perhaps that of something else.
    given.unref();

    const handle = adoptListeningHandle(given.fd) as ListeningHandle;

    const server = net.createServer((socket) => socket.end('hello'));
    server.listen(handle);
    const client = await RawClient.connect((server.address() as net.AddressInfo).port);
    expect(await client.ended()).to.equal('hello');
    server.close();
    await once(server, 'close');
  });

  const useless: [descriptor: number, name: string][] = [
    [-2, 'a negative number'],
    [1.5, 'a fraction'],
    [NaN, 'NaN'],
    [999_999, 'a descriptor that is not open'],
  ];
  for (const [descriptor, name] of useless) {
    it(`refuses ${name}`, () => {
      expect(adoptListeningHandle(descriptor)).to.be.an('error');
    });
  }
});

describe('listenLocally', () => {
  let place: LocalPath;
  let server: net.Server;

  beforeEach(function () {
    if (!hasLocalSockets) this.skip();
    place = new LocalPath();
    server = net.createServer((socket) => socket.end('hello'));
  });

  afterEach(() => {
    server.close();
    place.remove();
  });

  it('listens before it returns, and removes the path in the end', async () => {
    expect(listenLocally(server, place.path)).to.equal(undefined);
    expect(server.listening).to.equal(true);
    expect(existsSync(place.path)).to.equal(true);
    const client = new RawClient(net.connect(place.path));
    expect(await client.ended()).to.equal('hello');

    server.close();

    expect(existsSync(place.path)).to.equal(false);
  });

  it('says what it may be where only an event would tell, as in Bun', () => {
    const other = net.createServer();
    listenLocally(other, place.path);
    const create = stub(net, '_createServerHandle' as 'createServer').value(undefined);

    const failure = listenLocally(server, place.path);

    create.restore();
    expect(failure).to.have.property('code', 'EADDRINUSE or ENOENT');
    other.close();
  });

  it('says when the path is taken, and leaves it to whoever has it', () => {
    const other = net.createServer();
    listenLocally(other, place.path);

    expect(listenLocally(server, place.path)).to.have.property('code', 'EADDRINUSE');

    expect(existsSync(place.path)).to.equal(true);
    other.close();
  });

  it('says when the folder is not there', () => {
    const failure = listenLocally(server, `${place.path}/none/s`);

    expect(failure).to.have.property('code').that.is.oneOf(['EACCES', 'ENOENT', 'ENOTDIR']);
    expect(server.listening).to.equal(false);
  });

  for (const [name, path] of [
    ['no path', ''],
    ['a path that a zero would cut short', '/tmp/qws\0'],
  ] as const) {
    it(`refuses ${name}`, () => {
      expect(listenLocally(server, path)).to.have.property('code', 'EINVAL');
    });
  }
});
