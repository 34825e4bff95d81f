import { expect } from 'chai';
import sinon from 'sinon';
import { PageWakes } from '../../lib/browser/page-wakes.ts';
import { Reconnector } from '../../lib/browser/reconnector.ts';
import { Reconnector as BridgedReconnector } from '../../lib/electron/reconnector.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

/** What has a list of listeners, as windows and documents do. */
class Listened {
  readonly listeners = new Map<string, Set<() => void>>();

  readonly addEventListener = (event: string, listener: () => void): void => {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  };

  readonly removeEventListener = (event: string, listener: () => void): void => {
    this.listeners.get(event)?.delete(listener);
  };

  tell(event: string): void {
    for (const listener of this.listeners.get(event) ?? []) listener();
  }

  get count(): number {
    return [...this.listeners.values()].reduce((sum, own) => sum + own.size, 0);
  }
}

class FakeDocument extends Listened {
  visibilityState = 'hidden';
}

const NAMES = ['addEventListener', 'removeEventListener', 'document'] as const;

describe('PageWakes', () => {
  const place = globalThis as unknown as Record<string, unknown>;
  let window: Listened;
  let document: FakeDocument;
  let wakes: PageWakes;
  let woken: sinon.SinonSpy;

  beforeEach(() => {
    window = new Listened();
    document = new FakeDocument();
    const { addEventListener, removeEventListener } = window;
    Object.assign(place, { addEventListener, removeEventListener, document });
    wakes = new PageWakes();
    woken = sinon.spy();
  });

  afterEach(() => {
    for (const name of NAMES) delete place[name];
  });

  it('tells all who listen, whatever one of them throws, and each of them once', async () => {
    const again = sinon.spy(() => {
      wakes.off('resume', again);
      if (again.callCount < 10) wakes.on('resume', again);
      throw new Error('Tired.');
    });
    for (const listener of [again, woken]) wakes.on('resume', listener);
    const errors = await uncaughtErrors(() => window.tell('online'));

    expect(errors.map(String)).to.deep.equal(['Error: Tired.']);
    sinon.assert.calledOnce(again);
    sinon.assert.calledOnce(woken);
  });

  it('tells when the browser is online again', () => {
    wakes.on('resume', woken);
    window.tell('online');

    sinon.assert.calledOnce(woken);
  });

  it('tells when the page is looked at, and not when it is hidden', () => {
    wakes.on('resume', woken);
    document.tell('visibilitychange');
    sinon.assert.notCalled(woken);
    document.visibilityState = 'visible';
    document.tell('visibilitychange');

    sinon.assert.calledOnce(woken);
  });

  it('works in a worker, which has no document', () => {
    delete place['document'];
    wakes.on('resume', woken);
    window.tell('online');
    wakes.off('resume', woken);

    sinon.assert.calledOnce(woken);
    expect(window.count).to.equal(0);
  });

  it('works where there is nothing to listen to', () => {
    for (const name of NAMES) delete place[name];

    expect(() => wakes.on('resume', woken).off('resume', woken)).not.to.throw();
  });

  it('listens once for all, and no longer than somebody does', () => {
    const other = sinon.spy();
    wakes.on('resume', woken).on('resume', other).on('suspend', woken);
    expect(window.count).to.equal(1);
    wakes.off('resume', woken).off('suspend', other);
    window.tell('online');
    sinon.assert.calledOnce(other);
    sinon.assert.notCalled(woken);
    wakes.off('resume', other).off('resume', other);

    expect(window.count).to.equal(0);
    expect(document.count).to.equal(0);
  });

  describe('for a Reconnector', () => {
    let clock: sinon.SinonFakeTimers;

    beforeEach(() => {
      clock = sinon.useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
      });
    });

    afterEach(() => clock.restore());

    it('cut a wait short, in a page', () => {
      const socket = new KeptSocket();
      using reconnector = new Reconnector(socket, { random: () => 1 });
      socket.open('ws://server.example/');
      for (let attempt = 0; attempt < 5; attempt++) {
        socket.backend.connection().handshakeFailed(0, 'No.');
        if (attempt < 4) clock.next();
      }
      expect(reconnector.remainingTime()).to.equal(16_000);
      window.tell('online');

      expect(reconnector.remainingTime()).to.equal(1_000);
      reconnector.stop();
      expect(window.count).to.equal(0);
    });

    it('have nothing asked of a peer in a page, which could not', () => {
      const socket = KeptSocket.connected();
      using reconnector = new Reconnector(socket);
      window.tell('online');

      expect(reconnector.isActive()).to.equal(true);
      expect(socket.pings()).to.have.lengthOf(0);
    });

    it('have a peer asked in a page of Electron', () => {
      const socket = KeptSocket.connected();
      using reconnector = new BridgedReconnector(socket);
      window.tell('online');

      expect(reconnector.isActive()).to.equal(true);
      expect(socket.pings()).to.have.lengthOf(1);
    });
  });
});
