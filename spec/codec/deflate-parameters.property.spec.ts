import { expect } from 'chai';
import fc from 'fast-check';
import {
  acceptDeflateOffer,
  readDeflateAnswer,
  writeDeflateOffer,
} from '../../lib/codec/deflate-parameters.ts';
import { splitList } from '../../lib/codec/header-list.ts';

const PARTS: readonly string[] =
  'permessage-deflate|server_no_context_takeover|client_no_context_takeover|server_max_window_bits|client_max_window_bits|;|,|=|"|\\| |9|15|16|\0|x'.split(
    '|',
  );

const wanted = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: fc.integer({ min: 9, max: 15 }),
  clientMaxWindowBits: fc.integer({ min: 9, max: 15 }),
});

describe('negotiating compression', () => {
  it('ends with the same agreement on both sides, within the limits of both', () => {
    fc.assert(
      fc.property(wanted, wanted, (client, server) => {
        const accepted = acceptDeflateOffer([writeDeflateOffer(client)], server)!;

        expect(readDeflateAnswer(accepted.extensions, client)).to.deep.equal(accepted);
        expect(accepted.parameters).to.deep.equal({
          serverNoContextTakeover: client.serverNoContextTakeover || server.serverNoContextTakeover,
          clientNoContextTakeover: client.clientNoContextTakeover || server.clientNoContextTakeover,
          serverMaxWindowBits: Math.min(client.serverMaxWindowBits, server.serverMaxWindowBits),
          clientMaxWindowBits: Math.min(client.clientMaxWindowBits, server.clientMaxWindowBits),
        });
      }),
    );
  });

  it('answers noise with a refusal', () => {
    const part = fc.constantFrom(...PARTS);
    const noise = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(noise, wanted, (text, own) => {
        const accepted = acceptDeflateOffer(splitList(text), own);
        const answered = readDeflateAnswer(text, own);

        if (accepted !== undefined) expect(text).to.include('permessage-deflate');
        if (typeof answered === 'string') return;
        expect(answered.parameters.serverMaxWindowBits).to.be.within(8, own.serverMaxWindowBits);
        expect(answered.parameters.clientMaxWindowBits).to.be.within(8, own.clientMaxWindowBits);
      }),
      { numRuns: 200 },
    );
  });
});
