import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readCertificate } from '../../../lib/ssl/certificate-content.ts';
import {
  derChildren,
  derElement,
  OBJECT_IDENTIFIER,
  objectIdentifier,
  type DerElement,
} from '../../../lib/ssl/der.ts';
import { pemBlocks, toPem } from '../../../lib/ssl/pem.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { expectThat } from '../engine/violated.ts';

const DEEPEST = 8;

// Those of the specs: every kind of name is in one of them.
const seeds = ['ca', 'server', 'names', 'quoted', 'version1']
  .map((name) => readFileSync(resolve(`spec/ssl/certs/${name}.crt`), 'latin1'))
  .map((text) => Buffer.from([...pemBlocks(text, 'CERTIFICATE')][0]!));

/** Certificates as DER and PEM; of what is broken in them, nothing is told. */
export const certificate: FuzzTarget = {
  name: 'certificate',
  generate(random) {
    return mutate(mutate(random.pick(seeds), random, other), random, other);
    function other(): Buffer {
      return random.pick(seeds);
    }
  },
  check(input, random) {
    const { version, subject, issuer, alternativeNames } = readCertificate(input);
    expectThat(version >= 1 && version <= 256, 'A version is a byte and one');
    const names = [...subject.keys(), ...issuer.keys()];
    expectThat(
      names.every((name) => /^[A-Za-z]+$|^[0-9]+(?:\.[0-9]+)*$|^$/.test(name)),
      'An attribute has a short name or an identifier',
    );
    const texts = [...alternativeNames.values()].flat().join('');
    expectThat(texts.length <= 40 * input.length, 'Nothing is made up');
    checkElements(input, derElement(input, 0), 0);
    if (random.oneIn(4)) checkPem(input, random);
  },
  hard: {
    'sequences in sequences': (size) => filled(size, '0\x80'),
    'empty sequences': (size) => sequenceOf(filled(size, '0\0')),
    'a long identifier': (size) => sequenceOf(Buffer.alloc(size, 0x81)),
    'empty names': (size) => certificateNamed(filled(size, '1\x020\0')),
  },
};

/** Each element lies within its parent, behind the one before it. */
function checkElements(bytes: Buffer, parent: DerElement | undefined, depth: number): void {
  if (parent === undefined || depth === DEEPEST) return;
  expectThat(
    parent.start <= parent.end && parent.end <= bytes.length,
    'An element is not longer than its bytes',
  );
  let at = parent.start;
  for (const child of derChildren(bytes, parent)) {
    expectThat(
      child.start >= at + 2 && child.end <= parent.end,
      'An element lies within its parent',
    );
    at = child.end;
    if (child.tag === OBJECT_IDENTIFIER) checkIdentifier(objectIdentifier(bytes, child));
    if ((child.tag & 0x20) !== 0) checkElements(bytes, child, depth + 1);
  }
}

function checkIdentifier(text: string): void {
  expectThat(/^(?:\d+(?:\.\d+)+)?$/.test(text), 'An identifier is numbers');
}

function checkPem(input: Buffer, random: Random): void {
  const text = toPem('A', input);
  const before = random.oneIn(2) ? input.toString('latin1') : '';
  const blocks = [...pemBlocks(before + text, 'A')];
  expectThat(input.equals(blocks.at(-1)!), 'PEM is read back as the same');
}

function sequenceOf(content: Buffer): Buffer {
  const header = Buffer.from([0x30, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 2);
  return Buffer.concat([header, content]);
}

/** As much of a certificate as stands around the name of its issuer. */
function certificateNamed(name: Buffer): Buffer {
  const before = Buffer.from('0201013000', 'hex');
  return sequenceOf(sequenceOf(Buffer.concat([before, sequenceOf(name)])));
}
