import { Chat } from '../docs/support/chat.ts';
import { Chromium } from './support/chromium.ts';

describe('the page of docs/start-here.md', () => {
  let chat: Chat;
  const chromium = Chromium.forEachSpec({
    start: () => (chat = new Chat('start-here-page')),
    stop: () => chat.close(),
  });

  it('shows what others say, and says what is typed', async () => {
    const url = await chat.serve();
    const page = await chromium.open(url);
    await page.waitForFunction('socket.readyState === WebSocket.OPEN');
    const member = await chat.join(url);

    member.says('Hello, page');
    await page.getByText('Hello, page').waitFor();
    await page.getByLabel('Say something').fill('Hello, terminal');
    await page.keyboard.press('Enter');

    await member.prints(/^Hello, terminal$/m);
  });
});
