import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { PathPattern, type PathParameters } from '../../lib/codec/path-pattern.ts';
import type { Refusal } from '../../lib/codec/refusal.ts';
import { UpgradeDispatcher, type UpgradeTarget } from '../../lib/node/upgrade-dispatcher.ts';
import type { ByteStream, UpgradeRequest } from '../../lib/websockets/server-backend.ts';

class Source extends EventEmitter {
  readonly listening = true;

  address(): null {
    return null;
  }

  ask(url: string): void {
    const request: UpgradeRequest = { method: 'GET', url, httpVersion: '1.1', rawHeaders: [] };
    this.emit('upgrade', request, new PassThrough(), Buffer.alloc(0));
  }
}

class Target implements UpgradeTarget {
  readonly asked: string[] = [];
  readonly parameters: PathParameters[] = [];
  readonly statuses: number[] = [];

  get refused(): number {
    return this.statuses.length;
  }

  handleUpgrade(
    request: UpgradeRequest,
    _stream: ByteStream,
    _head: Uint8Array,
    parameters: PathParameters,
  ): void {
    this.asked.push(request.url!);
    this.parameters.push(parameters);
  }

  refuseUpgrade(_request: UpgradeRequest, _stream: ByteStream, refusal: Refusal): void {
    this.statuses.push(refusal.status);
  }
}

function pattern(path: string | undefined): PathPattern | undefined {
  return path === undefined ? undefined : (PathPattern.read(path) as PathPattern);
}

describe('UpgradeDispatcher', () => {
  let source: Source;
  let dispatcher: UpgradeDispatcher;
  let target: Target;

  beforeEach(() => {
    source = new Source();
    dispatcher = UpgradeDispatcher.of(source);
    target = new Target();
  });

  it('is the same for everybody who shares a server', () => {
    expect(UpgradeDispatcher.of(source)).to.equal(dispatcher);
    expect(UpgradeDispatcher.of(new Source())).to.not.equal(dispatcher);
  });

  const matches: [url: string, path: string | undefined, isTaken: boolean][] = [
    ['/chat', '/chat', true],
    ['/chat?room=/x', '/chat', true],
    ['/chat#x', '/chat', true],
    ['http://h.example/chat?x', '/chat', true],
    ['http://h.example', '/', true],
    ['/', '/', true],
    ['/chat/', '/chat', false],
    ['/chat/room', '/chat', false],
    ['/Chat', '/chat', false],
    ['/%63hat', '/chat', false],
    ['/x?to=http://h/chat', '/chat', false],
    ['*', '/chat', false],
    ['', '/chat', false],
    ['/anything', undefined, true],
    ['*', undefined, true],
  ];
  for (const [url, path, isTaken] of matches) {
    const verb = isTaken ? 'gives' : 'does not give';
    it(`${verb} "${url}" to who asks for ${path ?? 'all paths'}`, () => {
      dispatcher.add(target, pattern(path));

      source.ask(url);

      expect(target.asked).to.deep.equal(isTaken ? [url] : []);
      expect(target.refused).to.equal(isTaken ? 0 : 1);
    });
  }

  it('prefers who names the path, in whatever order they came', () => {
    const all = new Target();
    dispatcher.add(all, undefined);
    dispatcher.add(target, pattern('/chat'));

    source.ask('/chat');
    source.ask('/other');

    expect(target.asked).to.deep.equal(['/chat']);
    expect(all.asked).to.deep.equal(['/other']);
  });

  for (const path of ['/chat', undefined]) {
    it(`lets only the first of two answer who ask for ${path ?? 'all paths'}`, () => {
      const second = new Target();
      dispatcher.add(target, pattern(path));
      dispatcher.add(second, pattern(path));

      source.ask('/chat');

      expect([target.asked.length, second.asked.length]).to.deep.equal([1, 0]);
    });
  }

  it('refuses an unknown path once, however many share the server', () => {
    const second = new Target();
    dispatcher.add(target, pattern('/a'));
    dispatcher.add(second, pattern('/b'));

    source.ask('/c');

    expect(target.refused + second.refused).to.equal(1);
  });

  it('passes on what stands in the places of parameters', () => {
    dispatcher.add(target, pattern('/rooms/<room>'));

    source.ask('/rooms/a%20b?c');

    expect(target.parameters.map((each) => [...each])).to.deep.equal([[['room', 'a b']]]);
  });

  it('refuses a parameter that cannot be read with 400, and an unknown path with 404', () => {
    dispatcher.add(target, pattern('/rooms/<room>'));

    source.ask('/rooms/%2e%2e');
    source.ask('/rooms/');

    expect(target.statuses).to.deep.equal([400, 404]);
  });

  it('leaves an unknown path to other listeners', () => {
    dispatcher.add(target, pattern('/a'));
    source.on('upgrade', () => {});

    source.ask('/c');

    expect(target.refused).to.equal(0);
  });

  it('listens only as long as somebody asks for it', () => {
    const second = new Target();
    dispatcher.add(target, pattern('/a'));
    dispatcher.add(second, pattern('/b'));
    expect(source.listenerCount('upgrade')).to.equal(1);

    dispatcher.remove(target);
    expect(source.listenerCount('upgrade')).to.equal(1);
    dispatcher.remove(second);
    dispatcher.remove(second);

    expect(source.listenerCount('upgrade')).to.equal(0);
  });
});
