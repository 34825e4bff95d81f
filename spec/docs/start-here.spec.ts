import { expect } from 'chai';
import { Chat } from './support/chat.ts';
import { answerOf } from '../support/answer-of.ts';

describe('the chat of docs/start-here.md', function () {
  this.timeout(60_000);
  let chat: Chat;
  let url: string;

  before(async () => {
    chat = new Chat('start-here');
    expect(chat.findings).to.deep.equal([]);
    url = await chat.serve();
  });
  after(() => {
    chat.close();
  });

  it('serves its page', async () => {
    expect((await answerOf(url)).body).to.equal(chat.page);
  });

  it('passes on what a client says to all of them, and lets them leave', async () => {
    const [one, other] = await Promise.all([chat.join(url), chat.join(url)]);
    other.says('Hello');

    await Promise.all([one.prints(/^Hello$/m), other.prints(/^Hello$/m)]);
    for (const member of [one, other]) expect(await member.leaves()).to.equal(0);
  });
});
