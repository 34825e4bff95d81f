import { setImmediate } from 'node:timers/promises';
import {
  TopicBroker,
  type BrokerMessage,
  type TopicContent,
} from '../../lib/websockets/topic-broker.ts';

/** Something that was asked, and waits for its answer. */
interface Question<Answer> {
  readonly topic: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A broker in the hands of a spec: it does nothing by itself. */
export class FakeBroker extends TopicBroker {
  /** What it was asked for, in order. */
  readonly asked: unknown[][] = [];
  /** Those after latest values, oldest first. */
  readonly #questions: Question<BrokerMessage | null>[] = [];
  /** The values that are to be retained or restored, oldest first. */
  readonly #values: Question<number>[] = [];
  #isUp = true;

  isConnected(): boolean {
    return this.#isUp;
  }

  subscribe(topic: string): void {
    this.asked.push(['subscribe', topic]);
  }

  unsubscribe(topic: string): void {
    this.asked.push(['unsubscribe', topic]);
  }

  latest(topic: string): Promise<BrokerMessage | null> {
    this.asked.push(['latest', topic]);
    return new Promise((resolve, reject) => this.#questions.push({ topic, resolve, reject }));
  }

  publish(topic: string, content: TopicContent): void {
    this.asked.push(['publish', topic, content]);
  }

  retain(topic: string, content: TopicContent | null): Promise<number> {
    this.asked.push(['retain', topic, content]);
    return new Promise((resolve, reject) => this.#values.push({ topic, resolve, reject }));
  }

  restore(topic: string, content: TopicContent, version: number): Promise<number> {
    this.asked.push(['restore', topic, content, version]);
    return new Promise((resolve, reject) => this.#values.push({ topic, resolve, reject }));
  }

  async close(): Promise<void> {
    this.goDown();
  }

  /** What it was asked for since the last time, without questions after values. */
  takeAsked(): unknown[][] {
    return this.asked.splice(0).filter(([what]) => what !== 'latest');
  }

  /** How many questions after the latest value of `topic` wait. */
  questions(topic: string): number {
    return this.#questions.filter((question) => question.topic === topic).length;
  }

  /** A message comes. */
  tell(topic: string, content: TopicContent | null, version = 0): void {
    this.announce('messageReceived', topic, { content, version });
  }

  /** Answers the first question after the latest value; without a version there is none. */
  async tellLatest(topic: string, content: TopicContent | null = null, version = 0): Promise<void> {
    const index = this.#questions.findIndex((question) => question.topic === topic);
    const [question] = this.#questions.splice(index, 1);
    question!.resolve(version === 0 ? null : { content, version });
    await setImmediate();
  }

  /** Says what has become of the first value that waits for that, or of the last one. */
  async confirm(version: number | Error, which: 'first' | 'last' = 'first'): Promise<void> {
    const value = which === 'first' ? this.#values.shift()! : this.#values.pop()!;
    if (version instanceof Error) value.reject(version);
    else value.resolve(version);
    await setImmediate();
  }

  goDown(): void {
    this.#isUp = false;
    this.announce('disconnected', 'It has gone.');
  }

  comeUp(): void {
    this.#isUp = true;
    this.announce('connected');
  }
}
