import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { stub, type SinonStub } from 'sinon';
import { ChatServer } from '../../examples/simplechat/chatserver.ts';
import { fileUrl } from './support/browser.ts';
import { Chromium } from './support/chromium.ts';

describe("simplechat's page", () => {
  let print: SinonStub;
  let server: ChatServer;
  const chromium = Chromium.forEachSpec({
    start() {
      print = stub(console, 'log');
      server = new ChatServer(0);
    },
    stop() {
      server.close();
      print.restore();
    },
  });

  async function open(): Promise<Page> {
    const page = await chromium.open(fileUrl('build/examples/simplechat/chatclient.html'));
    await page.fill('#host', `localhost:${server.port()}`);
    return page;
  }

  async function join(nickname: string): Promise<Page> {
    const page = await open();
    await page.fill('#nickname', nickname);
    await page.click('#connect');
    await page.getByText('CONNECTED').waitFor();
    return page;
  }

  async function say(page: Page, message: string): Promise<void> {
    await page.fill('#text', message);
    await page.press('#text', 'Enter');
  }

  it('shows what two people say to each other', async () => {
    const alice = await join('alice');
    const bob = await join('bob');

    await say(alice, 'hello');
    await bob.getByText('alice: hello').waitFor();
    await say(bob, 'hi');
    await alice.getByText('bob: hi').waitFor();

    const conversation = ['CONNECTED', 'alice: hello', 'bob: hi'];
    for (const page of [alice, bob]) {
      expect(await page.locator('#log > *').allTextContents()).to.deep.equal(conversation);
    }
  });

  it('sends and disconnects only while it is connected', async () => {
    const page = await join('carol');
    expect(await page.isEnabled('#send')).to.equal(true);

    await page.click('#disconnect');
    await page.getByText('DISCONNECTED').waitFor();

    expect(await page.isEnabled('#send')).to.equal(false);
    expect(await page.isEnabled('#disconnect')).to.equal(false);
  });

  it('can be used with keys alone', async () => {
    const bob = await join('bob');
    const alice = await open();
    const { keyboard } = alice;

    // The cursor is in the host already, where Enter connects.
    await keyboard.press('Enter');
    await alice.getByText('CONNECTED').waitFor();
    for (const place of ['connect', 'disconnect', 'state', 'log', 'nickname']) {
      await keyboard.press('Tab');
      expect(await alice.locator(':focus').getAttribute('id')).to.equal(place);
    }
    await keyboard.type('alice');
    await keyboard.press('Tab');
    await keyboard.type('hello');
    await keyboard.press('Enter');

    await bob.getByText('alice: hello').waitFor();
  });
});
