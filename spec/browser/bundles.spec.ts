import { expect } from 'chai';
import { bundle } from './support/bundles.ts';

describe('a bundle for browsers', () => {
  const programs: Record<string, string> = {
    "of 'qwebsockets'": `import * as door from 'qwebsockets'; console.log(door);`,
    "of 'qwebsockets/browser'": `import * as door from 'qwebsockets/browser'; console.log(door);`,
    "of 'qwebsockets/qml'": `import * as door from 'qwebsockets/qml'; console.log(door);`,
    "of 'qwebsockets/browser/qml'": `import * as door from 'qwebsockets/browser/qml'; console.log(door);`,
    'of require()': `console.log(require('qwebsockets'), require('qwebsockets/qml'));`,
  };
  for (const [what, program] of Object.entries(programs)) {
    it(`needs nothing of Node: ${what}`, async () => {
      // A module of Node would fail it: none is declared external.
      const { code, inputs } = await bundle(program);

      expect(code).to.not.match(/\bBuffer\b|\brequire\(|\bprocess\.|node:/);
      const rooms = new Set(inputs.map((path) => /dist\/\w+\/(\w+)\//.exec(path)?.[1]));
      expect(
        [...rooms].filter((room) => ['node', 'ssl', 'codec', 'session'].includes(room!)),
      ).to.deep.equal([]);
      expect([...rooms]).to.include('browser');
    });
  }

  it('holds what is used and nothing else', async () => {
    const { code } = await bundle(
      `import { CloseCode } from 'qwebsockets'; console.log(CloseCode);`,
    );

    expect(code.length).to.be.lessThan(1000);
  });

  it('holds nothing when nothing is used', async () => {
    const { code } = await bundle(`import 'qwebsockets'; import 'qwebsockets/browser';`);

    expect(code.trim()).to.equal('');
  });

  it('is not one for Node by mistake', async () => {
    let failure = '';
    try {
      await bundle(`import * as door from 'qwebsockets'; console.log(door);`, {
        conditions: ['node'],
        platform: 'neutral',
        mainFields: [],
      });
    } catch (error) {
      failure = String(error);
    }

    expect(failure).to.include('node:');
  });
});
