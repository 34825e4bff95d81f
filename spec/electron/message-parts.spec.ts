import { expect } from 'chai';
import { MessageParts } from '../../lib/electron/message-parts.ts';

describe('MessageParts', () => {
  it('joins what belongs together, and forgets it', () => {
    const parts = new MessageParts<string>((all) => all.join(''));

    expect(parts.add('a', false)).to.equal(undefined);
    expect(parts.add('bc', false)).to.equal(undefined);
    expect(parts.length).to.equal(3);
    expect(parts.add('', true)).to.equal('abc');
    expect(parts.length).to.equal(0);
    expect(parts.add('d', true)).to.equal('d');
  });

  it('forgets a message that is given up', () => {
    const parts = new MessageParts<string>((all) => all.join(''));
    parts.add('a', false);
    parts.clear();

    expect(parts.add('b', true)).to.equal('b');
  });
});
