import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PatternSyntax, readCertificateFiles } from '../../lib/ssl/certificate-files.ts';

describe('readCertificateFiles()', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(`${tmpdir()}/certs-`).replaceAll('\\', '/');
    mkdirSync(`${folder}/inner`);
    for (const name of ['b.pem', 'a.pem', 'a+.pem', 'ab.crt', 'inner/c.pem'])
      writeFileSync(`${folder}/${name}`, name);
    symlinkSync(`${folder}/b.pem`, `${folder}/link.pem`);
  });

  after(() => rmSync(folder, { recursive: true }));

  function read(path: string, syntax: PatternSyntax): string[] {
    return readCertificateFiles(`${folder}/${path}`, syntax).map((data) =>
      Buffer.from(data).toString(),
    );
  }

  const cases: Record<keyof typeof PatternSyntax, Record<string, string[]>> = {
    FixedString: {
      'a.pem': ['a.pem'],
      'inner/c.pem': ['inner/c.pem'],
      'link.pem': ['b.pem'],
      '*.pem': [],
      'missing.pem': [],
      inner: [],
    },
    Wildcard: {
      'a.pem': ['a.pem'],
      '*.pem': ['a+.pem', 'a.pem', 'b.pem', 'b.pem'],
      '?.pem': ['a.pem', 'b.pem'],
      'a+.*': ['a+.pem'],
      '[ab].pem': ['a.pem', 'b.pem'],
      '[!a].pem': ['b.pem'],
      '*/*.pem': ['inner/c.pem'],
      'inner/*': ['inner/c.pem'],
      '*': ['a+.pem', 'a.pem', 'ab.crt', 'b.pem', 'b.pem'],
      '[.pem': [],
      'missing/*': [],
    },
    RegularExpression: {
      'a\\.pem': ['a.pem'],
      '[ab]\\.pem': ['a.pem', 'b.pem'],
      '.*/c\\.pem': ['inner/c.pem'],
      'a|b': [],
      '(': [],
    },
  };
  for (const [syntax, paths] of Object.entries(cases)) {
    for (const [path, contents] of Object.entries(paths)) {
      it(`reads "${path}" as ${syntax}`, () => {
        const found = read(path, PatternSyntax[syntax as keyof typeof PatternSyntax]);

        expect(found).to.deep.equal(contents);
      });
    }
  }

  it('takes the whole path as the pattern, not its end', () => {
    expect(readCertificateFiles('*.pem', PatternSyntax.Wildcard)).to.deep.equal([]);
  });

  it('reads nothing from an empty path', () => {
    expect(readCertificateFiles('', PatternSyntax.FixedString)).to.deep.equal([]);
  });
});
