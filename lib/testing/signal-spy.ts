import { Signal } from '../core/signal.ts';

const DEFAULT_TIMEOUT = 5_000;

/**
 * Keeps what a signal carries, emission by emission, and waits for more: Qt's QSignalSpy.
 *
 * It listens from its construction to {@link stop}. What it has kept stays when the sender is destroyed.
 *
 * @see https://doc.qt.io/qt-6/qsignalspy.html
 */
export class SignalSpy<Args extends unknown[]> implements Iterable<Args> {
  readonly #name: string;
  readonly #kept: Args[] = [];
  readonly #stop: () => void;
  readonly #isValid: boolean;
  readonly #waiting = new Set<() => void>();
  #total = 0;
  #isOver = false;

  /** @throws TypeError for what is no signal. */
  constructor(signal: Signal<Args>) {
    // Not by its class: a program in CommonJS has another one than a test in ES modules.
    if (typeof (signal as Partial<Signal<Args>> | undefined)?.connect !== 'function') {
      throw new TypeError('A SignalSpy takes a signal of an object, such as socket.connected.');
    }
    const connection = signal.connect((...args) => {
      this.#kept.push(args);
      this.#total += 1;
      this.#tell();
    });
    const end = new Signal<[]>(signal.sender, 'destroyed').connect(() => {
      this.#isOver = true;
      this.#tell();
    });
    this.#name = String(signal.name);
    this.#isValid = connection.isConnected();
    this.#isOver = !this.#isValid;
    this.#stop = () => {
      connection.disconnect();
      end.disconnect();
    };
  }

  /** The name of the signal. */
  signal(): string {
    return this.#name;
  }

  /** Whether it listens, or has: false when the sender had been destroyed before. */
  isValid(): boolean {
    return this.#isValid;
  }

  /** How many emissions it keeps. */
  count(): number {
    return this.#kept.length;
  }

  /** The same, as a QList has both. */
  size(): number {
    return this.#kept.length;
  }

  /** Whether it keeps none. */
  isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /**
   * What the emission `index` has carried; the first one has index 0.
   *
   * @throws RangeError when there is no such emission.
   */
  at(index: number): Args {
    const args = this.#kept[index];
    if (args !== undefined) return args;
    throw new RangeError(
      `${this.#name} has been kept ${this.#kept.length} times: there is no emission ${index}.`,
    );
  }

  /** What the first of them has carried. @throws RangeError when there is none. */
  first(): Args {
    return this.at(0);
  }

  /** What the last of them has carried. @throws RangeError when there is none. */
  last(): Args {
    return this.at(this.#kept.length - 1);
  }

  /** Returns what the first of them has carried, and forgets it. @throws RangeError when there is none. */
  takeFirst(): Args {
    const args = this.at(0);
    this.#kept.shift();
    return args;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#kept.length = 0;
  }

  /** What it keeps, from the first to the last. */
  [Symbol.iterator](): Iterator<Args> {
    return this.#kept.values();
  }

  /**
   * Waits for the next emission: one that comes after the call.
   *
   * @param timeout in milliseconds; negative for no limit.
   * @returns whether it came in time; false at once when the sender is destroyed, or {@link stop} called.
   */
  wait(timeout: number = DEFAULT_TIMEOUT): Promise<boolean> {
    const before = this.#total;
    return this.#until(() => this.#total > before, timeout);
  }

  /**
   * Waits until it keeps `count` emissions or more, those of before included: what
   * `QTRY_COMPARE(spy.count(), count)` is for.
   *
   * @param timeout as in {@link wait}.
   * @returns whether they came in time.
   */
  waitForCount(count: number, timeout: number = DEFAULT_TIMEOUT): Promise<boolean> {
    return this.#until(() => this.#kept.length >= count, timeout);
  }

  /** Listens no more; what it has kept stays. */
  stop(): void {
    this.#stop();
    this.#isOver = true;
    this.#tell();
  }

  #until(isThere: () => boolean, timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (isTimeUp = false): void => {
        const came = isThere();
        if (!came && !this.#isOver && !isTimeUp) return;
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve(came);
      };
      this.#waiting.add(end);
      end();
      if (timeout >= 0 && this.#waiting.has(end)) timer = setTimeout(end, timeout, true);
    });
  }

  #tell(): void {
    for (const look of this.#waiting) look();
  }
}
