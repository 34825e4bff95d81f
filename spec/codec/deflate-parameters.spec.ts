import { expect } from 'chai';
import {
  acceptDeflateOffer,
  canDeflate,
  readDeflateAnswer,
  writeDeflateOffer,
  type DeflateParameters,
} from '../../lib/codec/deflate-parameters.ts';
import { splitList } from '../../lib/codec/header-list.ts';

const anything: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

type Some = Partial<DeflateParameters>;

describe('writeDeflateOffer()', () => {
  const cases: Record<string, [wanted: Some, offer: string]> = {
    'lets the server limit the window': [{}, '; client_max_window_bits'],
    'asks the server for no context takeover': [
      { serverNoContextTakeover: true },
      '; server_no_context_takeover; client_max_window_bits',
    ],
    'tells that it does without context takeover': [
      { clientNoContextTakeover: true },
      '; client_no_context_takeover; client_max_window_bits',
    ],
    "limits the server's window": [
      { serverMaxWindowBits: 10 },
      '; server_max_window_bits=10; client_max_window_bits',
    ],
    "limits the client's window": [{ clientMaxWindowBits: 9 }, '; client_max_window_bits=9'],
  };
  for (const [name, [wanted, offer]] of Object.entries(cases)) {
    it(name, () => {
      expect(writeDeflateOffer({ ...anything, ...wanted })).to.equal(`permessage-deflate${offer}`);
    });
  }
});

describe('acceptDeflateOffer()', () => {
  function accept(offers: string, wanted: Some = {}) {
    return acceptDeflateOffer(splitList(offers), { ...anything, ...wanted });
  }

  const accepted: Record<string, [offers: string, wanted: Some, answer: string, agreed: Some]> = {
    'an offer without parameters (RFC 7692 §7.1)': ['permessage-deflate', {}, '', {}],
    'the first of several offers that suits': [
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate; client_max_window_bits',
      {},
      '; server_max_window_bits=10',
      { serverMaxWindowBits: 10 },
    ],
    'the next one when the first does not suit': [
      'permessage-deflate; server_max_window_bits=8, permessage-deflate; server_no_context_takeover',
      {},
      '; server_no_context_takeover',
      { serverNoContextTakeover: true },
    ],
    'an offer among other extensions': ['x-a; b=1, permessage-deflate, x-c', {}, '', {}],
    'one behind an element that is none': ['a b, permessage-deflate', {}, '', {}],
    'server_no_context_takeover (§7.1.1.1)': [
      'permessage-deflate; server_no_context_takeover',
      {},
      '; server_no_context_takeover',
      { serverNoContextTakeover: true },
    ],
    'client_no_context_takeover (§7.1.1.2)': [
      'permessage-deflate; client_no_context_takeover',
      {},
      '; client_no_context_takeover',
      { clientNoContextTakeover: true },
    ],
    'server_max_window_bits (§7.1.2.1)': [
      'permessage-deflate; server_max_window_bits=10',
      {},
      '; server_max_window_bits=10',
      { serverMaxWindowBits: 10 },
    ],
    'server_max_window_bits of 15, which is answered': [
      'permessage-deflate; server_max_window_bits=15',
      {},
      '; server_max_window_bits=15',
      {},
    ],
    'a smaller window of its own': [
      'permessage-deflate; server_max_window_bits=12',
      { serverMaxWindowBits: 11 },
      '; server_max_window_bits=11',
      { serverMaxWindowBits: 11 },
    ],
    'a smaller window of its own that nobody asked for': [
      'permessage-deflate',
      { serverMaxWindowBits: 11 },
      '; server_max_window_bits=11',
      { serverMaxWindowBits: 11 },
    ],
    'client_max_window_bits without a value (§7.1.2.2)': [
      'permessage-deflate; client_max_window_bits',
      {},
      '',
      {},
    ],
    'client_max_window_bits with a value': [
      'permessage-deflate; client_max_window_bits=8',
      {},
      '; client_max_window_bits=8',
      { clientMaxWindowBits: 8 },
    ],
    "a limit of its own for the client's window": [
      'permessage-deflate; client_max_window_bits',
      { clientMaxWindowBits: 10 },
      '; client_max_window_bits=10',
      { clientMaxWindowBits: 10 },
    ],
    "the smaller of both limits of the client's window": [
      'permessage-deflate; client_max_window_bits=9',
      { clientMaxWindowBits: 10 },
      '; client_max_window_bits=9',
      { clientMaxWindowBits: 9 },
    ],
    'no context takeover that only the server wants': [
      'permessage-deflate',
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      '; server_no_context_takeover; client_no_context_takeover',
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
    'values in quotes': [
      'permessage-deflate; server_max_window_bits="1\\0"; client_max_window_bits = "9"',
      {},
      '; server_max_window_bits=10; client_max_window_bits=9',
      { serverMaxWindowBits: 10, clientMaxWindowBits: 9 },
    ],
  };
  for (const [name, [offers, wanted, answer, agreed]] of Object.entries(accepted)) {
    it(`takes ${name}`, () => {
      expect(accept(offers, wanted)).to.deep.equal({
        extensions: `permessage-deflate${answer}`,
        parameters: { ...anything, ...agreed },
      });
    });
  }

  const declined: Record<string, [offers: string, wanted?: Some]> = {
    'no offer at all': [''],
    'other extensions': ['x-webkit-deflate-frame, Permessage-Deflate'],
    'an unknown parameter': ['permessage-deflate; x'],
    'a name in capitals': ['permessage-deflate; Server_No_Context_Takeover'],
    'a repeated parameter': [
      'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    ],
    'a parameter repeated with another value': [
      'permessage-deflate; client_max_window_bits; client_max_window_bits=10',
    ],
    'server_no_context_takeover with a value': ['permessage-deflate; server_no_context_takeover=1'],
    'client_no_context_takeover with a value': [
      'permessage-deflate; client_no_context_takeover=""',
    ],
    'server_max_window_bits without a value': ['permessage-deflate; server_max_window_bits'],
    'a window that zlib cannot do': ['permessage-deflate; server_max_window_bits=8'],
    'an unlimited client where a limit is wanted': [
      'permessage-deflate',
      { clientMaxWindowBits: 14 },
    ],
    'an element that is none': ['permessage-deflate; =10'],
    'a quoted string that does not end': ['permessage-deflate; server_max_window_bits="10'],
  };
  for (const value of ['7', '16', '0', '-9', '+9', '09', '010', '8.0', '1e1', '""', '" 9"', 'x']) {
    declined[`server_max_window_bits=${value}`] = [
      `permessage-deflate; server_max_window_bits=${value}`,
    ];
    declined[`client_max_window_bits=${value}`] = [
      `permessage-deflate; client_max_window_bits=${value}`,
    ];
  }
  for (const [name, [offers, wanted]] of Object.entries(declined)) {
    it(`declines ${name}`, () => {
      expect(accept(offers, wanted)).to.equal(undefined);
    });
  }
});

describe('readDeflateAnswer()', () => {
  function read(answer: string, wanted: Some = {}) {
    return readDeflateAnswer(answer, { ...anything, ...wanted });
  }

  const agreed: Record<string, [answer: string, wanted: Some, agreed: Some]> = {
    'an answer without parameters': ['', {}, {}],
    'server_no_context_takeover that was not asked for': [
      '; server_no_context_takeover',
      {},
      { serverNoContextTakeover: true },
    ],
    client_no_context_takeover: [
      '; client_no_context_takeover',
      {},
      { clientNoContextTakeover: true },
    ],
    'the same window as was asked for': [
      '; server_max_window_bits=10',
      { serverMaxWindowBits: 10 },
      { serverMaxWindowBits: 10 },
    ],
    'a smaller one': [
      '; server_max_window_bits=8',
      { serverMaxWindowBits: 10 },
      { serverMaxWindowBits: 8 },
    ],
    'one that was not asked for': ['; server_max_window_bits=12', {}, { serverMaxWindowBits: 12 }],
    "a limit of the client's window": [
      '; client_max_window_bits=8',
      {},
      { clientMaxWindowBits: 8 },
    ],
    "silence about the client's window, which stays as it wants": [
      '',
      { clientMaxWindowBits: 10 },
      { clientMaxWindowBits: 10 },
    ],
    'silence about what the client does by itself': [
      '',
      { clientNoContextTakeover: true },
      { clientNoContextTakeover: true },
    ],
    'values in quotes': ['; client_max_window_bits="10"', {}, { clientMaxWindowBits: 10 }],
  };
  for (const [name, [answer, wanted, parameters]] of Object.entries(agreed)) {
    it(`takes ${name}`, () => {
      expect(read(`permessage-deflate${answer}`, wanted)).to.deep.equal({
        extensions: `permessage-deflate${answer}`,
        parameters: { ...anything, ...parameters },
      });
    });
  }

  const failing: Record<string, [answer: string, wanted?: Some]> = {
    'another extension': ['x-webkit-deflate-frame'],
    'two extensions': ['permessage-deflate, x'],
    'two answers': ['permessage-deflate, permessage-deflate'],
    'an unknown parameter': ['permessage-deflate; x'],
    'a repeated parameter': [
      'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
    ],
    'server_no_context_takeover with a value': ['permessage-deflate; server_no_context_takeover=1'],
    'client_max_window_bits without a value': ['permessage-deflate; client_max_window_bits'],
    'server_max_window_bits without a value': ['permessage-deflate; server_max_window_bits'],
    'leading zeros': ['permessage-deflate; server_max_window_bits=09'],
    'a window that is too small': ['permessage-deflate; client_max_window_bits=7'],
    'a window that is too large': ['permessage-deflate; server_max_window_bits=16'],
    'a larger window than was asked for': [
      'permessage-deflate; server_max_window_bits=11',
      { serverMaxWindowBits: 10 },
    ],
    'no window although one was asked for': ['permessage-deflate', { serverMaxWindowBits: 10 }],
    'a larger window of the client than it has': [
      'permessage-deflate; client_max_window_bits=11',
      { clientMaxWindowBits: 10 },
    ],
    'context takeover that was not wanted': [
      'permessage-deflate',
      { serverNoContextTakeover: true },
    ],
    'what is no extension': ['permessage-deflate; =1'],
    'an empty list': [','],
  };
  for (const [name, [answer, wanted]] of Object.entries(failing)) {
    it(`fails for ${name}`, () => {
      expect(read(answer, wanted)).to.equal(
        `The server's answer "${answer}" does not suit the compression that was offered.`,
      );
    });
  }
});

describe('canDeflate()', () => {
  it('is false for the one window that zlib does not do', () => {
    expect([8, 9, 15].map(canDeflate)).to.deep.equal([false, true, true]);
  });
});
