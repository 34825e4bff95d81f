import { expect } from 'chai';
import {
  crowded,
  overcrowded,
  unreadable,
  wrongOrigin,
} from '../../../lib/node/acceptors/denials.ts';

const peer = { address: '192.0.2.7', port: 4711 };

describe('a denial', () => {
  it('reports that requests are too large together', () => {
    expect(crowded(peer).refusal.status).to.equal(503);
    expect(crowded(peer).report?.code).to.equal(1006);
  });

  it('reports that an address has too many connections', () => {
    expect(overcrowded(peer).refusal.status).to.equal(503);
    expect(overcrowded(peer).report).to.deep.equal({
      code: 1006,
      words: 'Too many connections from one address. (HTTP: status 503 to 192.0.2.7:4711.)',
    });
  });

  it('reports a head that is too large, and no other fault of a head', () => {
    const found = { failure: 'tooLarge', reason: 'Why.' } as const;

    expect(unreadable({ ...found, part: 'head' }, peer).report?.code).to.equal(1009);
    expect(unreadable({ ...found, part: 'startLine' }, peer).report).to.equal(undefined);
    expect(unreadable({ ...found, part: 'fields' }, peer).refusal.status).to.equal(431);
  });

  it('shows an origin without what may be secret, on one line', () => {
    const { report } = wrongOrigin('https://u:p@a.example/x?q\n', peer);

    expect(report?.words).to.equal(
      'Access forbidden. (HTTP: status 403 to 192.0.2.7:4711, origin https://a.example/x.)',
    );
  });
});
