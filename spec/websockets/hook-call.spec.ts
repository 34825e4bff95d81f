import { expect } from 'chai';
import sinon from 'sinon';
import { HookCall, type Hook } from '../../lib/websockets/hook-call.ts';
import { untilCollected } from '../support/memory.ts';

describe('HookCall', () => {
  let clock: sinon.SinonFakeTimers;
  let done: sinon.SinonSpy;
  let failed: sinon.SinonSpy;
  let call: HookCall<unknown>;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    done = sinon.spy();
    failed = sinon.spy();
    call = new HookCall<unknown>({ done, failed });
  });

  afterEach(() => {
    expect(clock.countTimers()).to.equal(0);
    clock.restore();
  });

  function start(hook: Hook<unknown>): void {
    call.start('hook', hook, 100);
  }

  for (const value of [undefined, null, 0, 'text', {}]) {
    it(`gives ${JSON.stringify(value)} at once`, () => {
      start(() => value);

      sinon.assert.calledOnceWithExactly(done, value);
      expect(call.isOver).to.equal(true);
    });
  }

  it('gives what a promise is resolved with', async () => {
    start(() => Promise.resolve(7));
    sinon.assert.notCalled(done);
    expect(call.isOver).to.equal(false);
    await clock.tickAsync(0);

    sinon.assert.calledOnceWithExactly(done, 7);
  });

  it('takes any object with then() for a promise', async () => {
    // oxlint-disable-next-line no-thenable -- that is what it is about
    start(() => ({ then: (resolve: (value: number) => void) => resolve(7) }));
    await clock.tickAsync(0);

    sinon.assert.calledOnceWithExactly(done, 7);
  });

  it('fails with what is thrown when it is looked whether that is a promise', () => {
    const error = new Error('No.');
    const result = {
      // oxlint-disable-next-line no-thenable -- that is what it is about
      get then() {
        throw error;
      },
    };

    start(() => result);

    sinon.assert.calledOnceWithExactly(failed, error);
  });

  it('fails with what is thrown, or a promise is rejected with', async () => {
    const error = new Error('No.');
    start(() => {
      throw error;
    });
    sinon.assert.calledOnceWithExactly(failed, error);
    call = new HookCall<unknown>({ done, failed });
    start(() => Promise.reject(error));
    await clock.tickAsync(0);

    sinon.assert.alwaysCalledWithExactly(failed, error);
    sinon.assert.calledTwice(failed);
  });

  it('fails with its time, and tells the hook why', async () => {
    let signal!: AbortSignal;
    let resolve!: (value: number) => void;
    start((given) => {
      signal = given;
      return new Promise<number>((end) => (resolve = end));
    });
    clock.tick(100);
    resolve(7);
    await clock.tickAsync(0);

    const [[error]] = failed.args as [[Error]];
    expect([error.name, error.message]).to.deep.equal([
      'TimeoutError',
      'hook() took longer than 100 ms.',
    ]);
    expect(signal.reason).to.equal(error);
    sinon.assert.notCalled(done);
  });

  it('gives nothing once cancelled, and tells the hook', async () => {
    let signal!: AbortSignal;
    let reject!: (error: Error) => void;
    start((given) => {
      signal = given;
      return new Promise<number>((_, end) => (reject = end));
    });
    call.cancel();
    call.cancel();
    reject(new Error('Nobody cares.'));
    await clock.tickAsync(0);

    expect(signal.aborted).to.equal(true);
    sinon.assert.notCalled(done);
    sinon.assert.notCalled(failed);
  });

  it('may be cancelled by the hook itself', async () => {
    start(() => {
      call.cancel();
      return Promise.resolve(7);
    });
    await clock.tickAsync(0);

    sinon.assert.notCalled(done);
  });

  it('leaves the signal of a hook alone that has come to an end', () => {
    let signal!: AbortSignal;
    start((given) => {
      signal = given;
      return 7;
    });
    call.cancel();

    expect(signal.aborted).to.equal(false);
  });
});

describe('A cancelled HookCall', () => {
  it('leaves nothing but itself with a promise that is never settled', async () => {
    const pending = new Promise<never>(() => {});
    const begin = (): [WeakRef<object>, AbortSignal] => {
      const outcome = { done: (): void => {}, failed: (): void => {} };
      const call = new HookCall<unknown>(outcome);
      let signal!: AbortSignal;
      call.start('hook', (given) => ((signal = given), pending), 60_000);
      call.cancel();
      return [new WeakRef<object>(outcome), signal];
    };
    const [outcome, signal] = begin();

    await untilCollected(outcome);

    expect(signal.reason).to.be.instanceOf(DOMException).that.has.property('name', 'AbortError');
    expect(pending).to.be.instanceOf(Promise);
  });
});
