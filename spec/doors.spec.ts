import { expect } from 'chai';
import { unnamedTypes } from './support/door-types.ts';

/** Each door, with the first one of its platform, whose types are at hand there. */
const DOORS: Readonly<Record<string, string>> = {
  index: 'index',
  qml: 'index',
  streams: 'index',
  webchannel: 'index',
  testing: 'index',
  brokers: 'index',
  electron: 'index',
  'electron-preload': 'index',
  browser: 'browser',
  'browser-qml': 'browser',
  'electron-renderer': 'electron-renderer',
};

/** Parts of what others are written with, which nobody needs by name. */
const NAMELESS = ['Element', 'Init'];

describe('the doors of the package', () => {
  for (const [door, first] of Object.entries(DOORS)) {
    it(`export every type that programs meet in what they export: ${door}`, () => {
      const gaps = unnamedTypes(declarationsOf(door), declarationsOf(first));

      const needed = gaps.filter(({ type }) => !NAMELESS.includes(type));
      expect(needed).to.deep.equal([]);
    });
  }
});

function declarationsOf(door: string): string {
  return `dist/esm/${door}.d.ts`;
}
