import { BackOff } from '../support/back-off.ts';
import { reasonOf, type Timers, type Upstream, type UpstreamEvents } from './upstream.ts';

/** The longest body that is read, in bytes. */
export const MAX_BODY = 1024 * 1024;

/** How long an answer may take, with its body, in milliseconds. */
const TIMEOUT = 10_000;

/** A resource that is asked for over HTTP again and again, and whose changes are the news. */
export class PollUpstream implements Upstream {
  readonly name: string;
  readonly #url: string;
  readonly #interval: number;
  readonly #backOff: BackOff;
  readonly #timers: Timers;
  readonly #abortion = new AbortController();
  #events: UpstreamEvents | undefined;
  #next: ReturnType<Timers['setTimeout']> | undefined;
  #isConnected = false;
  #body: string | undefined;
  /** What the server has called the body by, for it to say that there is no other one. */
  #conditions: Record<string, string> = {};

  /** @param interval - milliseconds from an answer to the next request */
  constructor(url: string, interval: number, backOff = new BackOff(), timers: Timers = globalThis) {
    // Everybody is told the name, and a query often has a key in it.
    const { origin, pathname } = new URL(url);
    this.name = `poll ${origin}${pathname}`;
    this.#url = url;
    this.#interval = interval;
    this.#backOff = backOff;
    this.#timers = timers;
  }

  start(events: UpstreamEvents): void {
    this.#events = events;
    void this.#poll();
  }

  stop(): void {
    this.#events = undefined;
    this.#timers.clearTimeout(this.#next);
    this.#abortion.abort();
  }

  async #poll(): Promise<void> {
    const outcome = await this.#ask().catch((error: unknown) => failureOf(error));
    if (this.#events === undefined) return;
    if (outcome instanceof Failure) this.#lose(outcome.message);
    else this.#take(outcome);
  }

  /** The body, or undefined when it is still the one of before. */
  async #ask(): Promise<string | undefined> {
    const response = await fetch(this.#url, {
      headers: this.#conditions,
      signal: AbortSignal.any([this.#abortion.signal, AbortSignal.timeout(TIMEOUT)]),
    });
    if (response.status === 304) return undefined;
    if (!response.ok) {
      await response.body?.cancel();
      throw new Failure(`The server answers ${response.status}.`);
    }
    const body = await readBody(response);
    this.#conditions = conditionsOf(response.headers);
    return body;
  }

  #take(body: string | undefined): void {
    const isNew = body !== undefined && body !== this.#body;
    const isBack = !this.#isConnected;
    if (isNew) this.#body = body;
    this.#isConnected = true;
    this.#backOff.succeed();
    this.#next = this.#timers.setTimeout(() => void this.#poll(), this.#interval);
    if (isBack) this.#events?.connected();
    if (isNew) this.#events?.message(body);
  }

  #lose(reason: string): void {
    this.#isConnected = false;
    const delay = Math.max(this.#interval, this.#backOff.next());
    this.#next = this.#timers.setTimeout(() => void this.#poll(), delay);
    this.#events?.lost(reason, delay);
  }
}

/** Why there is no body. */
class Failure extends Error {}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { name, cause } = error as Error;
  if (name === 'TimeoutError') return new Failure(`There is no answer within ${TIMEOUT} ms.`);
  // What fetch() throws says no more than that it has failed.
  return new Failure(reasonOf(cause instanceof Error ? cause : (error as Error)));
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for await (const bytes of response.body ?? []) {
    length += bytes.length;
    // Leaving the loop cancels the rest.
    if (length > MAX_BODY) throw new Failure(`The body is longer than ${MAX_BODY} bytes.`);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

function conditionsOf(headers: Headers): Record<string, string> {
  const [tag, date] = [headers.get('etag'), headers.get('last-modified')];
  return {
    ...(tag === null ? {} : { 'if-none-match': tag }),
    ...(date === null ? {} : { 'if-modified-since': date }),
  };
}
