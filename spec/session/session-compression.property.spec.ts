import { expect } from 'chai';
import fc from 'fast-check';
import { SharedMessage } from '../../lib/session/shared-message.ts';
import { cut } from '../support/frames.ts';
import { SessionRig } from '../support/session-rig.ts';
import { coders } from '../support/test-coder.ts';

const parameters = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: fc.integer({ min: 9, max: 15 }),
  clientMaxWindowBits: fc.integer({ min: 8, max: 15 }),
});
const options = fc.record({
  level: fc.integer({ min: 1, max: 9 }),
  threshold: fc.constantFrom(0, 20, 1000),
  historySize: fc.constantFrom(0, 100, 8192),
});
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  // Some that resemble each other, and are long.
  fc.tuple(fc.constantFrom('grün 👋 ', '{"id":1},'), fc.nat({ max: 900 })).map(([unit, times]) => {
    return unit.repeat(times);
  }),
);
const message = fc.record({
  text,
  isText: fc.boolean(),
  isShared: fc.boolean(),
  compress: fc.option(fc.boolean(), { nil: undefined }),
  frameSize: fc.constantFrom(0, 1, 7, 200),
});

describe('Sessions with compression', () => {
  for (const [name, isUp] of [
    ['a client to a server', true],
    ['a server to a client', false],
  ] as const) {
    it(`carry any messages from ${name}, in any frames cut at any places`, () => {
      fc.assert(
        fc.property(
          parameters,
          options,
          fc.array(message, { maxLength: 10 }),
          fc.array(fc.nat(), { maxLength: 10 }),
          (agreed, how, messages, at) => {
            const { client, server } = coders(agreed, how);
            const sender = new SessionRig(isUp, isUp ? client : server);
            const receiver = new SessionRig(!isUp, isUp ? server : client);
            for (const { text: content, isText, isShared, compress, frameSize } of messages) {
              sender.settings.outgoingFrameSize = frameSize;
              const data = Buffer.from(content);
              if (isShared) sender.session.sendShared(new SharedMessage(isText, data, compress));
              else if (isText) sender.session.sendText(content, compress);
              else sender.session.sendBinary(data, compress);
              sender.session.sendPing(Buffer.from('!'));
            }
            sender.turn();
            for (const chunk of cut(sender.wire.bytes, at)) receiver.session.receive(chunk);

            const told = receiver.told.filter(([what]) => what.endsWith('Message'));
            expect(told).to.deep.equal(
              messages.map(({ text: content, isText }) =>
                isText
                  ? ['textMessage', content]
                  : ['binaryMessage', Buffer.from(content).toString('hex')],
              ),
            );
            expect(receiver.turn().sent).to.have.lengthOf(messages.length);
            // A stream that is cut leaves a timer behind.
            receiver.session.abort();
          },
        ),
        { numRuns: 100 },
      );
    }).timeout(60_000);
  }
});
