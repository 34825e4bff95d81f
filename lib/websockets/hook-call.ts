import { checkTimeout } from './qwebsocket-base.ts';

/** What comes of a {@link HookCall}: one of the two, once. */
export interface HookOutcome<Result> {
  /** The hook has returned, or its promise was resolved. */
  done(result: Result): void;
  /** It has thrown, its promise was rejected, or it took too long. */
  failed(error: unknown): void;
}

/** What an application has us call: at once or later, it gives a result. */
export type Hook<Result> = (signal: AbortSignal) => Result | PromiseLike<Result>;

/**
 * One call of a function of the application, which may throw, and may never come to an end.
 *
 * A promise that is never settled holds nothing of ours once this is over.
 */
export class HookCall<Result> {
  #outcome: HookOutcome<Result> | undefined;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outcome: HookOutcome<Result>) {
    this.#outcome = outcome;
  }

  /** Whether it has come to an end, or was cancelled. */
  get isOver(): boolean {
    return this.#outcome === undefined;
  }

  /** Calls `hook`; to be called once. What is no promise counts at once. */
  start(name: string, hook: Hook<Result>, timeout: number): void {
    let result: { readonly value: Result } | { readonly promise: PromiseLike<Result> };
    try {
      const value = hook(this.#controller.signal);
      result = isPromise(value) ? { promise: value } : { value };
    } catch (error) {
      this.#fail(error);
      return;
    }
    if ('value' in result) {
      this.#end()?.done(result.value);
      return;
    }
    void Promise.resolve(result.promise).then(
      (value) => this.#end()?.done(value),
      (error: unknown) => this.#fail(error),
    );
    if (this.isOver) return;
    this.#timer = setTimeout(() => {
      const error = new Error(`${name}() took longer than ${timeout} ms.`);
      error.name = 'TimeoutError';
      this.#fail(error);
    }, checkTimeout(timeout));
  }

  /** Waits no longer: the hook is told by its signal, and nothing comes of it. */
  cancel(): void {
    if (this.#end() === undefined) return;
    const error = new DOMException('Nobody waits for this any more.', 'AbortError');
    // V8 keeps what the frames of a stack belong to until somebody reads it.
    void error.stack;
    this.#controller.abort(error);
  }

  #fail(error: unknown): void {
    const outcome = this.#end();
    if (outcome === undefined) return;
    outcome.failed(error);
    // It may be at work still.
    this.#controller.abort(error);
  }

  /** Returns whom to tell, once. */
  #end(): HookOutcome<Result> | undefined {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    clearTimeout(this.#timer);
    return outcome;
  }
}

function isPromise<Result>(value: Result | PromiseLike<Result>): value is PromiseLike<Result> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
