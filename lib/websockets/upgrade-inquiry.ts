import type { AnyQObject } from '../core/any-qobject.ts';
import { reportUncaught } from '../core/emission.ts';
import type { QHttpServerRequest } from './qhttpserverrequest.ts';
import {
  QHttpServerWebSocketUpgradeResponse,
  ResponseType,
} from './qhttpserverwebsocketupgraderesponse.ts';
import type { RefusalReason } from './server-statistics.ts';
import type { UpgradeVerifier } from './upgrade-verifiers.ts';

/** A verifier, and the object that it lives as long as. */
export interface VerifierEntry {
  readonly context: AnyQObject;
  readonly verifier: UpgradeVerifier;
}

/** What comes of asking: the first answer that decides; a verifier that has failed; or all have passed. */
export type UpgradeOutcome = QHttpServerWebSocketUpgradeResponse | 'failed' | 'passed';

// What verifiers hear of in the reason of their signal.
const REASONS: Partial<Record<RefusalReason, string>> = {
  closed: 'The server was closed.',
  left: 'The client has left.',
  timeout: 'The upgrade was not verified in time.',
};

/** What is let go of when nobody waits for an answer any more. */
interface Matter {
  readonly entries: readonly VerifierEntry[];
  readonly request: QHttpServerRequest;
  decided(this: void, outcome: UpgradeOutcome): void;
}

/**
 * One request that verifiers are asked about, one after the other, until one does not pass.
 *
 * Nothing is thrown: what goes wrong in a verifier is reported as an uncaught exception. A promise that
 * is never settled holds nothing of the request once this is over or was cancelled.
 */
export class UpgradeInquiry {
  readonly #controller = new AbortController();
  #matter: Matter | undefined;
  #next = 0;

  /** @param decided is told of the outcome, once, within {@link start} or later. */
  constructor(
    entries: readonly VerifierEntry[],
    request: QHttpServerRequest,
    decided: (outcome: UpgradeOutcome) => void,
  ) {
    this.#matter = { entries, request, decided };
  }

  /** Whether nobody waits for an answer any more. */
  get isOver(): boolean {
    return this.#matter === undefined;
  }

  /** Begins to ask; to be called once. What is no promise counts at once. */
  start(): void {
    this.#go();
  }

  /**
   * Nobody waits any more, because of `reason`: the signal of the verifiers is aborted, and whatever
   * their promises come to is not looked at.
   */
  cancel(reason: RefusalReason): void {
    if (this.#matter === undefined) return;
    this.#matter = undefined;
    const name = reason === 'timeout' ? 'TimeoutError' : 'AbortError';
    const error = new DOMException(REASONS[reason] ?? 'The client was refused.', name);
    // V8 keeps what the frames of a stack belong to, the connection here, until somebody reads it.
    void error.stack;
    this.#controller.abort(error);
  }

  /** Asks as long as the verifiers pass at once. */
  #go(): void {
    // A verifier may close the server.
    for (let matter = this.#matter; matter !== undefined; matter = this.#matter) {
      const entry = matter.entries[this.#next++];
      if (entry === undefined) {
        this.#end('passed');
        return;
      }
      const outcome = isAlive(entry) ? this.#ask(entry, matter.request) : 'passed';
      if (outcome === undefined) return;
      if (outcome !== 'passed') this.#end(outcome);
    }
  }

  /** Returns what the verifier says at once; undefined when it takes its time. */
  #ask(
    { context, verifier }: VerifierEntry,
    request: QHttpServerRequest,
  ): UpgradeOutcome | undefined {
    try {
      const answer = verifier.call(context, request, this.#controller.signal);
      if (!isThenable(answer)) return outcomeOf(answer);
      void Promise.resolve(answer).then(
        (late) => this.#answered(late),
        (error: unknown) => this.#rejected(error),
      );
      return undefined;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #answered(answer: unknown): void {
    if (this.isOver) return;
    let outcome: UpgradeOutcome;
    try {
      outcome = outcomeOf(answer);
    } catch (error) {
      outcome = this.#failed(error);
    }
    if (outcome === 'passed') this.#go();
    else this.#end(outcome);
  }

  #rejected(error: unknown): void {
    // Such as that of a fetch() which was given the signal.
    if (!this.isOver) this.#end(this.#failed(error));
  }

  #failed(error: unknown): 'failed' {
    reportUncaught(error);
    // It may be at work still.
    this.#controller.abort(error);
    return 'failed';
  }

  #end(outcome: UpgradeOutcome): void {
    const matter = this.#matter;
    this.#matter = undefined;
    matter?.decided(outcome);
  }
}

/** Whether the verifier is still to be asked. */
export function isAlive({ context }: VerifierEntry): boolean {
  return !context['~connections'].isClosed;
}

/** @throws TypeError for what is no answer: JavaScript has no compiler that would tell. */
function outcomeOf(answer: unknown): UpgradeOutcome {
  if (!(answer instanceof QHttpServerWebSocketUpgradeResponse)) {
    throw new TypeError('A verifier has to return a QHttpServerWebSocketUpgradeResponse.');
  }
  return answer.type() === ResponseType.PassToNext ? 'passed' : answer;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
