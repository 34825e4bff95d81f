import { expect } from 'chai';
import { assert, spy, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { ChatServer } from '../../examples/webchannel/chatserver.ts';
import { openClient } from '../webchannel/support/client-contract.ts';
import { answerOf } from '../support/answer-of.ts';
import { heard } from '../support/qwebchannel.ts';
import { Program } from './support/program.ts';

describe('the example webchannel', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  describe('ChatServer', () => {
    let clock: SinonFakeTimers;
    let server: ChatServer;

    beforeEach(() => {
      clock = useFakeTimers({
        toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'],
      });
      server = new ChatServer();
    });

    afterEach(() => {
      server[Symbol.dispose]();
      const timers = clock.countTimers();
      clock.restore();
      expect(timers).to.equal(0);
    });

    it('lets each name in once, and lists them in order', () => {
      const changed = spy();
      server.on('userListChanged', changed);

      const results = ['bob', 'alice', 'bob', ' ', 'x'.repeat(33)].map((name) =>
        server.login(name),
      );

      expect(results).to.deep.equal([true, true, false, false, false]);
      expect(server.userList()).to.deep.equal(['alice', 'bob']);
      assert.calledTwice(changed);
    });

    it('lets two hundred in', () => {
      for (let user = 0; user < 200; user++) expect(server.login(`user ${user}`)).to.equal(true);

      expect(server.login('one more')).to.equal(false);
    });

    it('lets names go', () => {
      server.login('alice');

      expect([server.logout('alice'), server.logout('alice')]).to.deep.equal([true, false]);
      expect(server.userList()).to.deep.equal([]);
    });

    it('passes on what users say, and nobody else', () => {
      const message = spy();
      server.on('newMessage', message);
      server.login('alice');

      expect(server.sendMessage('alice', 'Hello')).to.equal(true);
      expect(server.sendMessage('bob', 'Hello')).to.equal(false);
      expect(server.sendMessage('alice', 'x'.repeat(1001))).to.equal(false);

      assert.calledOnceWithMatch(message, /^\d\d:\d\d:\d\d$/, 'alice', 'Hello');
    });

    it('forgets those who do not say that they are there, every ten seconds', () => {
      for (const name of ['alice', 'bob']) server.login(name);
      server.on('keepAlive', () => server.keepAliveResponse('alice'));

      clock.tick(11_000);
      expect(server.userList()).to.deep.equal(['alice', 'bob']);
      server.login('carol');
      clock.tick(1_000);

      expect(server.userList()).to.deep.equal(['alice', 'carol']);
    });
  });

  describe('as a program', () => {
    let program: Program;
    let page: string;

    beforeEach(async () => {
      program = new Program('webchannel/main', '--port=0');
      page = (await program.prints(/http:\/\/\S+/))[0];
    });

    afterEach(() => {
      Program.killAll();
    });

    it('serves the page, what it loads, and the object on one port', async () => {
      const html = (await answerOf(page)).body;
      const paths = Array.from(html.matchAll(/'(\.\/[^']+)'|"(\.\/[^"]+)"/g), ([, one, two]) =>
        one === undefined ? two! : one,
      );
      expect(paths).to.include('./qwebchannel.js');
      for (const path of paths) expect((await answerOf(new URL(path, page))).status).to.equal(200);

      const [socket, { objects }] = await openClient(page.replace('http', 'ws'));
      const chatserver = objects['chatserver']!;
      const message = heard(chatserver['newMessage']);
      expect(await chatserver['login']('alice')).to.equal(true);
      await chatserver['sendMessage']('alice', 'Hello');

      expect((await message).slice(1)).to.deep.equal(['alice', 'Hello']);
      socket.abort();
    });

    it('tells why it refuses something, and leaves everybody in order', async () => {
      const [socket] = await openClient(page.replace('http', 'ws'));
      socket.sendTextMessage('Hello');
      await program.prints(/The message is no JSON object\.\n/);

      program.signal('SIGTERM');

      expect((await program.ended).code).to.equal(0);
      expect(socket.closeCode()).to.equal(1001);
    });
  });
});
