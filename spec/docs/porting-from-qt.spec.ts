import { expect } from 'chai';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { toSocketFailure } from '../../lib/node/socket-errors.ts';
import { readPage } from './support/pages.ts';

const PAGE = 'docs/porting-from-qt.md';

describe(`the error numbers of ${PAGE}`, () => {
  const [, section] = readPage(PAGE).split('\n## Error numbers\n');
  const lines = section!.matchAll(/^\| `(\w+)` +\| +([−\d]+) \| (.*?) \|/gm);
  const rows = Array.from(lines, ([, name, number, codes]) => ({
    name: name as keyof typeof SocketError,
    number: Number(number!.replace('−', '-')),
    codes: Array.from(codes!.matchAll(/`(\w+)…?`/g), ([, code]) => code!),
  }));

  it('are there', () => {
    expect(rows.length).to.be.greaterThan(15);
  });

  for (const { name, number, codes } of rows) {
    it(`has the number of ${name}`, () => {
      expect(number).to.equal(SocketError[name]);
    });

    for (const code of codes) {
      it(`has ${code} with ${name}`, () => {
        expect(toSocketFailure(Object.assign(new Error(code), { code })).error).to.equal(number);
      });
    }
  }
});
