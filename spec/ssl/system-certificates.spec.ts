import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import * as tls from 'node:tls';
import { systemCertificates } from '../../lib/ssl/system-certificates.ts';

/** Lines differ in their lengths. */
function withoutBreaks(pem: string): string {
  return pem.replaceAll('\n', '');
}

describe('systemCertificates()', () => {
  it('has every authority that Node trusts', () => {
    const { getCACertificates } = tls as { getCACertificates?: () => string[] };
    const expected = getCACertificates?.() ?? tls.rootCertificates;

    const found = systemCertificates().map((each) => withoutBreaks(each.toPem()));

    expect(found).to.include.members(expected.map(withoutBreaks));
    if (getCACertificates !== undefined) expect(found).to.have.lengthOf(expected.length);
  });

  it('has those of NODE_EXTRA_CA_CERTS', () => {
    const library = new URL('../../lib/ssl/system-certificates.js', import.meta.url).href;
    const program = `
      import { systemCertificates } from '${library}';
      console.log(systemCertificates().map((each) => each.subjectDisplayName()).join());`;
    const names = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      env: { ...process.env, NODE_EXTRA_CA_CERTS: 'spec/oracle/certs/ca.crt' },
    });

    expect(names.trim().split(',')).to.include('oracle test CA');
  });

  it('reads them once', () => {
    expect(systemCertificates()).to.equal(systemCertificates());
  });
});
