import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { spy, type SinonSpy } from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import type { QHttpServerRequest } from '../../lib/websockets/qhttpserverrequest.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { UpgradeInquiry, type UpgradeOutcome } from '../../lib/websockets/upgrade-inquiry.ts';
import type { UpgradeAnswer } from '../../lib/websockets/upgrade-verifiers.ts';
import { until } from '../support/until.ts';
import { untilCollected } from '../support/memory.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const { accept, deny, passToNext } = QHttpServerWebSocketUpgradeResponse;

/** What a verifier does, with the signal that it is given. */
type Act = (signal: AbortSignal) => unknown;

describe('UpgradeInquiry', () => {
  const request = {} as QHttpServerRequest;
  const context = new QObject();
  let decided: SinonSpy<[outcome: UpgradeOutcome], void>;

  beforeEach(() => {
    decided = spy((_outcome: UpgradeOutcome): void => {});
  });

  /** Begins to ask verifiers that do so. */
  function ask(...acts: Act[]): UpgradeInquiry {
    const entries = acts.map((act) => ({
      context,
      verifier: (_request: QHttpServerRequest, signal: AbortSignal) => act(signal) as UpgradeAnswer,
    }));
    const inquiry = new UpgradeInquiry(entries, request, decided);
    inquiry.start();
    return inquiry;
  }

  /** Begins to ask one who never answers; returns the signal as well. */
  function askForEver(): [UpgradeInquiry, AbortSignal] {
    let given: AbortSignal | undefined;
    const inquiry = ask((signal) => {
      given = signal;
      return new Promise(() => {});
    });
    return [inquiry, given!];
  }

  /** The name and the words of a reason. */
  function told({ reason }: AbortSignal): [string, string] {
    const { name, message } = reason as Error;
    return [name, message];
  }

  it('is over at once when all is said at once', () => {
    const answer = deny();

    const inquiry = ask(passToNext, () => answer);

    expect(inquiry.isOver).to.equal(true);
    expect(decided.args).to.deep.equal([[answer]]);
  });

  it('is over later when something is said later', async () => {
    const inquiry = ask(async () => passToNext(), passToNext);
    expect(inquiry.isOver).to.equal(false);

    await until(() => inquiry.isOver);

    expect(decided.args).to.deep.equal([['passed']]);
  });

  it('gives all verifiers the same signal, which an answer does not abort', async () => {
    const signals: AbortSignal[] = [];
    const note =
      (answer: unknown): Act =>
      (signal) => {
        signals.push(signal);
        return answer;
      };

    const inquiry = ask(note(Promise.resolve(passToNext())), note(passToNext()), note(accept()));
    await until(() => inquiry.isOver);

    expect(new Set(signals).size).to.equal(1);
    expect(signals[0]!.aborted).to.equal(false);
  });

  it('aborts the signal with what a verifier has failed of, which may be at work still', async () => {
    let given: AbortSignal | undefined;
    const error = new Error('Bug.');

    const errors = await uncaughtErrors(() =>
      ask((signal) => {
        given = signal;
        return Promise.reject(error);
      }),
    );

    expect(errors).to.deep.equal([error]);
    expect(decided.args).to.deep.equal([['failed']]);
    expect(given!.reason).to.equal(error);
  });

  describe('that is cancelled', () => {
    for (const [reason, expected] of Object.entries({
      left: ['AbortError', 'The client has left.'],
      closed: ['AbortError', 'The server was closed.'],
      timeout: ['TimeoutError', 'The upgrade was not verified in time.'],
      tooManyHandshakes: ['AbortError', 'The client was refused.'],
    } as const)) {
      it(`tells its verifiers why: ${reason}`, () => {
        const [inquiry, signal] = askForEver();

        inquiry.cancel(reason as 'left');

        expect(told(signal)).to.deep.equal(expected);
        expect(inquiry.isOver).to.equal(true);
      });
    }

    it('counts the first reason', () => {
      const [inquiry, signal] = askForEver();

      inquiry.cancel('closed');
      inquiry.cancel('left');

      expect(told(signal)[1]).to.equal('The server was closed.');
    });

    it('does not abort a signal when all is said', () => {
      let given: AbortSignal | undefined;
      const inquiry = ask((signal) => {
        given = signal;
        return accept();
      });

      inquiry.cancel('closed');

      expect(given!.aborted).to.equal(false);
    });

    for (const [what, act] of Object.entries({
      'an answer': () => accept(),
      nonsense: () => 7,
      'what the signal makes it fail with': (signal: AbortSignal) => signal.throwIfAborted(),
    })) {
      it(`takes no notice of ${what}, and asks nobody else`, async () => {
        const next = spy(passToNext);
        let go: () => void = () => {};
        const gate = new Promise<void>((resolve) => (go = resolve));
        const inquiry = ask(async (signal) => {
          await gate;
          return act(signal);
        }, next);

        const errors = await uncaughtErrors(async () => {
          inquiry.cancel('left');
          go();
          await setImmediate();
        });

        expect(errors).to.deep.equal([]);
        expect([decided.callCount, next.callCount]).to.deep.equal([0, 0]);
      });
    }

    it('asks nobody else when a verifier has it cancelled', async () => {
      const next = spy(passToNext);
      const inquiry = ask(
        async () => passToNext(),
        () => {
          inquiry.cancel('closed');
          return passToNext();
        },
        next,
      );

      await until(() => inquiry.isOver);

      expect([decided.callCount, next.callCount]).to.deep.equal([0, 0]);
    });

    it('leaves nothing but itself with a promise that is never settled', async () => {
      const pending = new Promise<QHttpServerWebSocketUpgradeResponse>(() => {});
      const begin = (): [UpgradeInquiry, ...WeakRef<object>[]] => {
        const asked = { url: 'x' } as unknown as QHttpServerRequest;
        const tell = (): void => void asked;
        const entries = [{ context, verifier: () => pending }];
        const inquiry = new UpgradeInquiry(entries, asked, tell);
        inquiry.start();
        return [inquiry, new WeakRef<object>(asked), new WeakRef<object>(tell)];
      };
      const [inquiry, ...references] = begin();

      inquiry.cancel('left');

      await untilCollected(...references);
      expect(pending).to.be.instanceOf(Promise);
    });
  });
});
