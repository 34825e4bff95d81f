/** The signals that carry what the peer has sent. */
const RECEIVED = /^(?:text|binary)(?:Frame|Message)Received|^pong/;

/** The signals of an attempt that has not come to its end. */
const OPENING =
  /^(?:sslErrors|peerVerifyError|handshakeInterruptedOnError|preSharedKey.*|.*uthenticationRequired)$/;

const FOLLOWING: Readonly<Record<string, readonly string[]>> = {
  Unconnected: [],
  Connecting: ['Connected', 'Unconnected'],
  // abort() has no Closing.
  Connected: ['Closing', 'Unconnected'],
  Closing: ['Unconnected'],
};

/** What an attempt, and the connection that it becomes, has said. */
class Attempt {
  readonly said = new Map<string, number>();
  /** Whether open() has yet to say what it makes of the state. */
  isBeginning = true;

  count(entry: string): number {
    return this.said.get(entry) ?? 0;
  }

  add(entry: string): number {
    const count = this.count(entry) + 1;
    this.said.set(entry, count);
    return count;
  }
}

/**
 * What is wrong with the order of `entries`, which a {@link Recording} has: each complaint a
 * sentence, none when all is well.
 *
 * States follow each other as in Qt; what a connection says once is not said twice; nothing of a
 * connection comes before `connected` or behind `disconnected`; and nothing of it comes at all when
 * the next open() has begun or the object is destroyed. The deprecated `error` belongs to the
 * `errorOccurred` before it.
 */
export function complaintsAbout(entries: readonly string[], initialState: string): string[] {
  const complaints: string[] = [];
  let state = initialState;
  let attempt = new Attempt();
  attempt.isBeginning = false;
  let vain = 0;
  let errors = 0;
  let isDestroyed = false;

  const check = (isRight: boolean, at: number, what: string): void => {
    if (!isRight) complaints.push(`${at}: ${entries[at]!}: ${what}`);
  };

  for (const [at, entry] of entries.entries()) {
    check(!isDestroyed, at, 'after destroyed');
    if (entry === 'destroyed') {
      isDestroyed = true;
      continue;
    }
    if (entry === 'open') {
      attempt = new Attempt();
      continue;
    }
    if (entry === 'open in vain') {
      vain++;
      continue;
    }
    const count = attempt.add(entry);
    const [name = '', detail = ''] = entry.split(' ');
    const isOver = attempt.count('disconnected') > 0;

    if (name === 'stateChanged') {
      const isOpened = attempt.isBeginning && (detail === 'Connecting' || detail === 'Unconnected');
      check(isOpened || FOLLOWING[state]!.includes(detail), at, `in state ${state}`);
      attempt.isBeginning = false;
      state = detail;
    } else if (name === 'connected') {
      // As in Qt it comes even when a slot of stateChanged has given the connection up.
      const isOpen = attempt.count('stateChanged Connected') === 1;
      check(isOpen && count === 1, at, `in state ${state}, ${count} times`);
    } else if (name === 'disconnected') {
      check(state === 'Unconnected' && count === 1, at, `in state ${state}, ${count} times`);
      check(attempt.count('stateChanged Unconnected') === 1, at, 'the state did not change');
    } else if (name === 'readChannelFinished') {
      check(attempt.count('disconnected') === 1 && count === 1, at, `${count} times`);
    } else if (RECEIVED.test(name)) {
      check(state === 'Connected' || state === 'Closing', at, `in state ${state}`);
      check(
        name === 'pong' || name.endsWith('FrameReceived') || detail === '' || count === 1,
        at,
        'twice',
      );
    } else if (name === 'bytesWritten') {
      check(state !== 'Unconnected', at, `in state ${state}`);
    } else if (OPENING.test(name)) {
      check(state === 'Connecting', at, `in state ${state}`);
      check(name !== 'sslErrors' || count === 1, at, 'twice');
    } else if (name === 'aboutToClose' || name === 'alertSent') {
      check(count === 1, at, 'twice');
    } else if (name === 'errorOccurred') {
      errors++;
      check(count <= 1 + vain, at, `${count} times`);
      // Who was never reached is disconnected first, as in Qt.
      const isUnreached = attempt.count('connected') + attempt.count('readChannelFinished') === 0;
      check(!isOver || isUnreached || vain > 0, at, 'after disconnected');
    } else if (name === 'error') {
      check(--errors >= 0, at, 'without errorOccurred');
    }
  }
  return complaints;
}
