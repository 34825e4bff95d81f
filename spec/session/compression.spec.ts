import { expect } from 'chai';
import { spy, stub } from 'sinon';
import { Compression } from '../../lib/session/compression.ts';
import type { InboxOwner } from '../../lib/session/inbox.ts';
import type { OutboxOwner } from '../../lib/session/outbox.ts';
import type { MessageCoder } from '../../lib/session/wire.ts';

describe('Compression', () => {
  it('owes nothing at first', () => {
    const compression = new Compression({} as MessageCoder, {} as OutboxOwner & InboxOwner);

    expect(compression.owedClose).to.equal(undefined);
    expect(compression.isEndOwed).to.equal(false);
  });

  it('has no message under way any more when it was stopped', () => {
    // A coder that takes its time.
    const coder = { threshold: 0, deflate: stub(), inflate: stub(), stop: spy() };
    const owner = { inboxBusy: spy() } as unknown as OutboxOwner & InboxOwner;
    const compression = new Compression(coder as unknown as MessageCoder, owner);
    compression.outbox.send(true, Buffer.from('a'), true);
    compression.inbox.message(true, Buffer.from('b'), 1);
    expect([compression.outbox.isBusy, compression.inbox.isBusy]).to.deep.equal([true, true]);

    compression.stop();

    expect([compression.outbox.isBusy, compression.inbox.isBusy]).to.deep.equal([false, false]);
    expect(coder.stop.callCount).to.equal(1);
  });
});
