import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { Program } from '../examples/support/program.ts';
import { freePort } from '../support/ports.ts';
import { faultsOf, launchBrowser } from './support/browser.ts';

describe("webchannel's page", () => {
  let browser: Browser;
  let program: Program;
  /** Where the program listens, and listens again: no other one is given it. */
  let port: number;
  let address: string;
  let pages: Page[];
  let faults: string[][];

  before(async () => {
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    pages = [];
    faults = [];
    port = await freePort();
    await start();
  });

  afterEach(async () => {
    for (const page of pages) await page.close();
    Program.killAll();
    await program.ended;
    expect(faults.flat()).to.deep.equal([]);
  });

  async function start(): Promise<void> {
    program = new Program('webchannel/main', `--port=${port}`);
    address = (await program.prints(/http:\/\/\S+/))[0];
  }

  async function open(): Promise<Page> {
    const page = await browser.newPage();
    pages.push(page);
    faults.push(faultsOf(page));
    await page.goto(address);
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
    program.signal('SIGTERM');
    await program.ended;
    await alice.locator('[data-live=state][data-state=closed]').waitFor();
    await start();

    await alice.getByText('Here: alice').waitFor();

    await say(alice, 'Again');
    await alice.getByText('alice: Again').waitFor();
  });
});
