import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Chat } from '../docs/support/chat.ts';
import { faultsOf, launchBrowser } from './support/browser.ts';

describe('the page of docs/start-here.md', () => {
  let browser: Browser;
  let chat: Chat;

  before(async () => {
    browser = await launchBrowser();
    chat = new Chat('start-here-page');
  });
  after(async () => {
    chat.close();
    await browser.close();
  });

  it('shows what others say, and says what is typed', async () => {
    const url = await chat.serve();
    const page = await browser.newPage();
    const faults = faultsOf(page);
    await page.goto(url);
    await page.waitForFunction('socket.readyState === WebSocket.OPEN');
    const member = await chat.join(url);

    member.says('Hello, page');
    await page.getByText('Hello, page').waitFor();
    await page.getByLabel('Say something').fill('Hello, terminal');
    await page.keyboard.press('Enter');

    await member.prints(/^Hello, terminal$/m);
    expect(faults).to.deep.equal([]);
  });
});
