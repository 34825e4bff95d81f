import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Chromium } from './support/chromium.ts';
import { PageProgram } from './support/page-program.ts';

describe("webchannel's page", () => {
  const program = new PageProgram('webchannel/main');
  const chromium = Chromium.forEachSpec(program);

  async function open(): Promise<Page> {
    const page = await chromium.open(program.address);
    await page.locator('[data-live=state][data-state=open]').waitFor();
    return page;
  }

  async function join(name: string): Promise<Page> {
    const page = await open();
    await page.getByLabel('Name').fill(name);
    await page.keyboard.press('Enter');
    await page.locator('#send:enabled').waitFor();
    return page;
  }

  async function say(page: Page, message: string): Promise<void> {
    await page.getByLabel('Message').fill(message);
    await page.keyboard.press('Enter');
  }

  it('shows who is there, and what they say', async () => {
    const [alice, bob] = [await join('alice'), await join('bob')];
    await alice.getByText('Here: alice, bob').waitFor();

    await say(alice, 'Hello');
    await bob.getByText('alice: Hello').waitFor();
    await say(bob, 'Hi');

    await alice.getByText('bob: Hi').waitFor();
    await bob.close();
    await alice.getByText('Here: alice', { exact: true }).waitFor();
  });

  it('says that a name is taken', async () => {
    await join('alice');
    const other = await open();

    await other.getByLabel('Name').fill('alice');
    await other.keyboard.press('Enter');

    await other.getByText('That name is taken.').waitFor();
    expect(await other.isEnabled('#send')).to.equal(false);
  });

  it('comes back, and logs in, when the server does', async () => {
    const alice = await join('alice');
    await program.end('SIGTERM');
    await alice.locator('[data-live=state][data-state=closed]').waitFor();
    await program.start();

    await alice.getByText('Here: alice').waitFor();

    await say(alice, 'Again');
    await alice.getByText('alice: Again').waitFor();
  });
});
