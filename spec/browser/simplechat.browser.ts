import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { stub, type SinonStub } from 'sinon';
import { ChatServer } from '../../examples/simplechat/chatserver.ts';
import { faultsOf, fileUrl, launchBrowser } from './support/browser.ts';

describe("simplechat's page", () => {
  let browser: Browser;
  let print: SinonStub;
  let server: ChatServer;
  let pages: Page[];
  let faults: string[][];

  before(async () => {
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
  });

  beforeEach(() => {
    print = stub(console, 'log');
    server = new ChatServer(0);
    pages = [];
    faults = [];
  });

  afterEach(async () => {
    for (const page of pages) await page.close();
    server.close();
    print.restore();
    expect(faults.flat()).to.deep.equal([]);
  });

  async function open(): Promise<Page> {
    const page = await browser.newPage();
    pages.push(page);
    faults.push(faultsOf(page));
    await page.goto(fileUrl('build/examples/simplechat/chatclient.html'));
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
    const { keyboard } = await open();
    const alice = pages.at(-1)!;

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
