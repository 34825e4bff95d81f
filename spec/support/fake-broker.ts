import { TopicBroker, type TopicContent } from '../../lib/websockets/topic-broker.ts';

/** A broker in the hands of a spec: it does nothing by itself. */
export class FakeBroker extends TopicBroker {
  /** What it was asked for, in order. */
  readonly asked: unknown[][] = [];
  /** What becomes of the values that were to be retained or restored, oldest first. */
  readonly answers: PromiseWithResolvers<number>[] = [];
  isUp = true;

  isConnected(): boolean {
    return this.isUp;
  }

  subscribe(topic: string): void {
    this.asked.push(['subscribe', topic]);
  }

  unsubscribe(topic: string): void {
    this.asked.push(['unsubscribe', topic]);
  }

  publish(topic: string, content: TopicContent): void {
    this.asked.push(['publish', topic, content]);
  }

  retain(topic: string, content: TopicContent | null): Promise<number> {
    this.asked.push(['retain', topic, content]);
    return this.#answer();
  }

  restore(topic: string, content: TopicContent, version: number): Promise<number> {
    this.asked.push(['restore', topic, content, version]);
    return this.#answer();
  }

  async close(): Promise<void> {
    this.goDown();
  }

  /** What it was asked for since the last time. */
  takeAsked(): unknown[][] {
    return this.asked.splice(0);
  }

  /** A message comes. */
  tell(topic: string, content: TopicContent | null, version = 0): void {
    this.announce('messageReceived', topic, { content, version });
  }

  /** A subscription holds; without a version there is no retained value. */
  tellLatest(topic: string, content: TopicContent | null = null, version = 0): void {
    this.announce('latestReceived', topic, version === 0 ? null : { content, version });
  }

  goDown(): void {
    this.isUp = false;
    this.announce('disconnected', 'It has gone.');
  }

  comeUp(): void {
    this.isUp = true;
    this.announce('connected');
  }

  #answer(): Promise<number> {
    let resolve!: (version: number) => void;
    let reject!: (error: unknown) => void;
    const promise = new Promise<number>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.answers.push({ promise, resolve, reject });
    return promise;
  }
}

interface PromiseWithResolvers<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}
