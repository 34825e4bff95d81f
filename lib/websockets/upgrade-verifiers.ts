import type { AnyQObject } from '../core/any-qobject.ts';
import { reportUncaught } from '../core/emission.ts';
import type { QHttpServerRequest } from './qhttpserverrequest.ts';
import {
  QHttpServerWebSocketUpgradeResponse,
  ResponseType,
} from './qhttpserverwebsocketupgraderesponse.ts';

/** What a verifier returns, at once or later. */
export type UpgradeAnswer =
  QHttpServerWebSocketUpgradeResponse | PromiseLike<QHttpServerWebSocketUpgradeResponse>;

/** Decides about a request for a WebSocket; `this` is the context that it was added with. */
export type UpgradeVerifier<Context extends AnyQObject = AnyQObject> = (
  this: Context,
  request: QHttpServerRequest,
) => UpgradeAnswer;

/** What comes of asking: the first answer that decides; a verifier that has failed; or all have passed. */
export type UpgradeOutcome = QHttpServerWebSocketUpgradeResponse | 'failed' | 'passed';

interface Entry {
  readonly context: AnyQObject;
  readonly verifier: UpgradeVerifier;
}

/** The verifiers of a server, in the order in which they were added. */
export class UpgradeVerifiers {
  #entries: readonly Entry[] = [];

  /** `verifier` is asked until `context` is destroyed. */
  add<Context extends AnyQObject>(context: Context, verifier: UpgradeVerifier<Context>): void {
    this.#entries = [...this.#living(), { context, verifier: verifier as UpgradeVerifier }];
  }

  /**
   * Asks one after the other, until one does not pass; those that are added meanwhile are not asked.
   *
   * Never throws, and its promise is never rejected: what goes wrong in a verifier is reported as an
   * uncaught exception.
   */
  ask(request: QHttpServerRequest): UpgradeOutcome | Promise<UpgradeOutcome> {
    this.#entries = this.#living();
    return askFrom(this.#entries, 0, request);
  }

  #living(): Entry[] {
    return this.#entries.filter(isAlive);
  }
}

function isAlive({ context }: Entry): boolean {
  return !context['~connections'].isClosed;
}

/** At once as long as the verifiers answer at once. */
function askFrom(
  entries: readonly Entry[],
  first: number,
  request: QHttpServerRequest,
): UpgradeOutcome | Promise<UpgradeOutcome> {
  for (let i = first; i < entries.length; i++) {
    const entry = entries[i]!;
    if (!isAlive(entry)) continue;
    const outcome = askOne(entry, request);
    if (outcome instanceof Promise) {
      return outcome.then((late) => (late === 'passed' ? askFrom(entries, i + 1, request) : late));
    }
    if (outcome !== 'passed') return outcome;
  }
  return 'passed';
}

function askOne(
  { context, verifier }: Entry,
  request: QHttpServerRequest,
): UpgradeOutcome | Promise<UpgradeOutcome> {
  try {
    const answer = verifier.call(context, request);
    if (!isThenable(answer)) return outcomeOf(answer);
    return Promise.resolve(answer).then(outcomeOf).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** @throws TypeError for what is no answer: JavaScript has no compiler that would tell. */
function outcomeOf(answer: unknown): UpgradeOutcome {
  if (!(answer instanceof QHttpServerWebSocketUpgradeResponse)) {
    throw new TypeError('A verifier has to return a QHttpServerWebSocketUpgradeResponse.');
  }
  return answer.type() === ResponseType.PassToNext ? 'passed' : answer;
}

function failed(error: unknown): 'failed' {
  reportUncaught(error);
  return 'failed';
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
