import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { OurHost } from '../webchannel/support/our-host.ts';
import { Chromium } from './support/chromium.ts';
import { Pages } from './support/page-server.ts';

const SOURCE = `
  <!doctype html>
  <link rel="icon" href="data:," />
  <script src="/qwebchannel.js"></script>
  <script>
    const open = (url) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.onopen = () => new QWebChannel(socket, ({ objects }) => resolve(objects.chat));
      });
  </script>
`;

describe("Qt's JavaScript client in a page, over the browser's own WebSocket, and our QWebChannel", () => {
  let pages: Pages;
  let host: OurHost;
  let page: Page;
  const chromium = Chromium.forEachSpec({
    start: () => (host = new OurHost()),
    stop: () => host.stop(),
  });

  before(async () => {
    pages = await Pages.serve({
      '/': SOURCE,
      '/qwebchannel.js': readFileSync('node_modules/qwebchannel/qwebchannel.js', 'utf8'),
    });
  });

  after(() => pages.close());

  beforeEach(async () => {
    page = await chromium.open(pages.origin);
  });

  /** Runs the body of an asynchronous function of `chat`, the object of the host. */
  function inPage(body: string): Promise<unknown> {
    return page.evaluate(`open('${host.url}').then(async (chat) => { ${body} })`);
  }

  it('reads properties, calls methods, and hears signals', async () => {
    const found = await inPage(`
      const message = new Promise((resolve) => chat.newMessage.connect((...args) => resolve(args)));
      const results = [await chat.login('alice'), await chat.login('alice')];
      chat.say('alice', 'Hello');
      return [chat.greeting, chat.Kind, results, await message];
    `);

    expect(found).to.deep.equal([
      'Grüße, 再见 😀',
      { Open: 0, Closed: 5 },
      [true, false],
      ['alice', 'Hello'],
    ]);
  });

  it('hears what other pages change', async () => {
    await page.evaluate(`open('${host.url}').then((chat) => (window.other = chat))`);

    const found = await inPage(`
      const changed = new Promise((resolve) => other.topicChanged.connect(resolve));
      chat.topic = 'music';
      return [await changed, other.topic];
    `);

    expect(found).to.deep.equal(['music', 'music']);
  });

  it('uses objects that methods return, until they are destroyed', async () => {
    const found = await inPage(`
      const room = await chat.openRoom('den');
      const said = new Promise((resolve) => room.said.connect(resolve));
      room.say('Hello');
      const heard = [await said, await chat.nameOf(room)];
      const destroyed = new Promise((resolve) => room.destroyed.connect(() => resolve()));
      room.deleteLater();
      await destroyed;
      return heard;
    `);

    expect(found).to.deep.equal(['Hello', 'den']);
  });
});
