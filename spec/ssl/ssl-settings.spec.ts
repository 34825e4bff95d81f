import { expect } from 'chai';
import { allOf, areSameSettings, copiesOf, EMPTY_SETTINGS } from '../../lib/ssl/ssl-settings.ts';
import { systemCertificates } from '../../lib/ssl/system-certificates.ts';
import { certificate } from './support/certs.ts';

describe('areSameSettings()', () => {
  it('compares what they say', () => {
    const copy = { ...EMPTY_SETTINGS, sessionTicket: new Uint8Array() };

    expect(areSameSettings(EMPTY_SETTINGS, copy)).to.equal(true);
    expect(areSameSettings(EMPTY_SETTINGS, { ...copy, peerVerifyDepth: 1 })).to.equal(false);
  });

  it('tells names with commas apart', () => {
    const one = { ...EMPTY_SETTINGS, allowedNextProtocols: ['a,b'] };
    const two = { ...EMPTY_SETTINGS, allowedNextProtocols: ['a', 'b'] };

    expect(areSameSettings(one, two)).to.equal(false);
  });
});

describe('allOf()', () => {
  it("puts the own ones behind the system's", () => {
    const own = [certificate('ca')];

    expect(allOf({ withSystem: false, own, isChosen: true })).to.equal(own);
    expect(allOf({ withSystem: true, own, isChosen: true })).to.deep.equal([
      ...systemCertificates(),
      ...own,
    ]);
  });
});

describe('copiesOf()', () => {
  it('makes certificates that change on their own', () => {
    const certificates = [certificate('ca')];

    copiesOf(certificates)[0]!.clear();

    expect(certificates[0]?.isNull()).to.equal(false);
  });
});
