import { closeFrame, heard, ping, type Case, type Heard, type Step } from './conversation.ts';
import type { StrictPeer } from './strict-peer.ts';
import type { Subject } from './subjects.ts';

export type Verdict = 'OK' | 'NON-STRICT' | 'INFORMATIONAL' | 'FAILED';

export interface Result {
  readonly verdict: Verdict;
  /** What was wrong, or less than strict. */
  readonly reasons: readonly string[];
}

/** A connection beside the one that is tested, which tells when everything sent so far was read. */
export type Bystander = StrictPeer;

/** Goes through one case with a new connection to `subject`. */
export async function conduct(test: Case, subject: Subject, bystander: Bystander): Promise<Result> {
  const peer = await subject.connect(test.terms);
  try {
    for (const step of test.steps) await take(step, peer, bystander);
    const faults = await close(test, peer, subject.endsFirst, bystander);
    return judge(test, peer.heard, [...peer.faults, ...faults]);
  } finally {
    peer.connection.socket.destroy();
  }
}

/** What is to be thought of an endpoint that has `said` these things, `faults` apart. */
export function judge(test: Case, said: readonly Heard[], faults: readonly string[]): Result {
  if (faults.length > 0) return { verdict: 'FAILED', reasons: faults };
  if (isSame(said, test.strict)) {
    return { verdict: test.isInformational ? 'INFORMATIONAL' : 'OK', reasons: [] };
  }
  const reasons = [`It said ${words(said)} instead of ${words(test.strict)}.`];
  const isLenient = test.lenient !== undefined && isSame(said, test.lenient);
  return { verdict: isLenient ? 'NON-STRICT' : 'FAILED', reasons };
}

async function take(step: Step, peer: StrictPeer, bystander: Bystander): Promise<void> {
  if (step.kind === 'send') {
    await peer.send(step.frames, step.pieces);
  } else if (step.kind === 'part') {
    await peer.sendPart(step.frame, step.from, step.to);
  } else if (step.kind === 'compressed') {
    await peer.sendCompressed(step.opcode, step.message, step.fragmentSize);
  } else if (step.kind === 'announce') {
    await peer.announce(step.opcode, step.length);
  } else if (step.kind === 'pause') {
    await catchUp(bystander);
    if (!isOver(peer)) peer.heard.push(heard('pause'));
  } else {
    await peer.until(() => peer.heard.length >= step.count || isOver(peer));
  }
}

/** Goes through the closing of the connection; returns what was wrong with it. */
async function close(
  test: Case,
  peer: StrictPeer,
  endsFirst: boolean,
  bystander: Bystander,
): Promise<string[]> {
  const isExpected = test.closing !== 'peer';
  if (!isExpected) {
    await peer.until(() => peer.heard.length >= test.strict.length || isOver(peer));
    if (isOver(peer)) return [`It has closed with ${peer.closeCode}, which it must not.`];
    await peer.send([closeFrame(1000)], 'one');
  }
  await peer.until(() => isOver(peer));
  if (peer.closeCode === undefined) return ['It has ended the stream without a Close frame.'];
  if (peer.closeCode !== test.closeCode) {
    return [`It has closed with ${peer.closeCode} instead of ${test.closeCode}.`];
  }
  if (test.closing !== 'endpoint' && !endsFirst) {
    await catchUp(bystander);
    if (peer.hasEnded) return ['The client has ended TCP before the server.'];
    peer.connection.socket.end();
  }
  await peer.until(() => peer.hasEnded);
  const isRaw = test.isAnswerCompressed === true && peer.compressedMessages === 0;
  return isRaw ? ['It has compressed nothing.'] : [];
}

/** Waits until whatever was sent on another connection before has been read. */
async function catchUp(bystander: Bystander): Promise<void> {
  // The further rounds are for what the first one finds in the middle of its work, as with TLS.
  for (let round = 0; round < 3; round++) {
    const count = bystander.heard.length + 1;
    await bystander.send([ping()], 'one');
    await bystander.until(() => bystander.heard.length >= count);
  }
}

function isOver(peer: StrictPeer): boolean {
  return peer.closeCode !== undefined || peer.hasEnded;
}

function isSame(left: readonly Heard[], right: readonly Heard[]): boolean {
  return (
    left.length === right.length &&
    left.every(
      ({ kind, payload }, i) => kind === right[i]!.kind && payload.equals(right[i]!.payload),
    )
  );
}

function words(list: readonly Heard[]): string {
  const all = list.slice(0, 10).map(({ kind, payload }) => {
    if (payload.length === 0) return kind;
    const bytes = payload.subarray(0, 16).toString('hex');
    return `${kind} ${bytes}${payload.length > 16 ? `… (${payload.length} bytes)` : ''}`;
  });
  return `[${all.join(', ')}${list.length > 10 ? `, … (${list.length})` : ''}]`;
}
