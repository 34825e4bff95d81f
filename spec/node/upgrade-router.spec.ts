import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { UpgradeRouter, type UpgradeTarget } from '../../lib/node/upgrade-router.ts';
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
  refused = 0;

  handleUpgrade(request: UpgradeRequest): void {
    this.asked.push(request.url!);
  }

  refuseUpgrade(_request: UpgradeRequest, _stream: ByteStream): void {
    this.refused++;
  }
}

describe('UpgradeRouter', () => {
  let source: Source;
  let router: UpgradeRouter;
  let target: Target;

  beforeEach(() => {
    source = new Source();
    router = UpgradeRouter.of(source);
    target = new Target();
  });

  it('is the same for everybody who shares a server', () => {
    expect(UpgradeRouter.of(source)).to.equal(router);
    expect(UpgradeRouter.of(new Source())).to.not.equal(router);
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
      router.add(target, path);

      source.ask(url);

      expect(target.asked).to.deep.equal(isTaken ? [url] : []);
      expect(target.refused).to.equal(isTaken ? 0 : 1);
    });
  }

  it('prefers who names the path, in whatever order they came', () => {
    const all = new Target();
    router.add(all, undefined);
    router.add(target, '/chat');

    source.ask('/chat');
    source.ask('/other');

    expect(target.asked).to.deep.equal(['/chat']);
    expect(all.asked).to.deep.equal(['/other']);
  });

  for (const path of ['/chat', undefined]) {
    it(`lets only the first of two answer who ask for ${path ?? 'all paths'}`, () => {
      const second = new Target();
      router.add(target, path);
      router.add(second, path);

      source.ask('/chat');

      expect([target.asked.length, second.asked.length]).to.deep.equal([1, 0]);
    });
  }

  it('refuses an unknown path once, however many share the server', () => {
    const second = new Target();
    router.add(target, '/a');
    router.add(second, '/b');

    source.ask('/c');

    expect(target.refused + second.refused).to.equal(1);
  });

  it('leaves an unknown path to other listeners', () => {
    router.add(target, '/a');
    source.on('upgrade', () => {});

    source.ask('/c');

    expect(target.refused).to.equal(0);
  });

  it('listens only as long as somebody asks for it', () => {
    const second = new Target();
    router.add(target, '/a');
    router.add(second, '/b');
    expect(source.listenerCount('upgrade')).to.equal(1);

    router.remove(target);
    expect(source.listenerCount('upgrade')).to.equal(1);
    router.remove(second);
    router.remove(second);

    expect(source.listenerCount('upgrade')).to.equal(0);
  });
});
