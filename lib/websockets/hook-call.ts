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

/** One call of a function of the application, which may throw, and may never come to an end. */
export class HookCall<Result> {
  readonly #outcome: HookOutcome<Result>;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(outcome: HookOutcome<Result>) {
    this.#outcome = outcome;
  }

  /** Whether it has come to an end, or was cancelled. */
  get isOver(): boolean {
    return this.#isOver;
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
      const { value } = result;
      this.#end(() => this.#outcome.done(value));
      return;
    }
    void Promise.resolve(result.promise).then(
      (value) => this.#end(() => this.#outcome.done(value)),
      (error: unknown) => this.#fail(error),
    );
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      const error = new Error(`${name}() took longer than ${timeout} ms.`);
      error.name = 'TimeoutError';
      this.#fail(error);
    }, checkTimeout(timeout));
  }

  /** Waits no longer: the hook is told by its signal, and nothing comes of it. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #fail(error: unknown): void {
    this.#end(() => {
      this.#outcome.failed(error);
      // It may be at work still.
      this.#controller.abort(error);
    });
  }

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    tell();
  }
}

function isPromise<Result>(value: Result | PromiseLike<Result>): value is PromiseLike<Result> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
