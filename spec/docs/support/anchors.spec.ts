import { expect } from 'chai';
import { anchorsOf, linksOf } from './anchors.ts';

describe('anchorsOf()', () => {
  const rows: Record<string, [text: string, anchors: string[]]> = {
    'words in lower case, joined by hyphens': ['# What it Is', ['what-it-is']],
    'no punctuation': ['## `close()`, and C++: why?', ['close-and-c-why']],
    'a hyphen for each space': ['## a – b', ['a--b']],
    'the text of a link': ['## [RFC 6455](https://a.example/b)', ['rfc-6455']],
    'numbers behind what is there twice': ['# a\n## a\n## a', ['a', 'a-1', 'a-2']],
    'the anchors of HTML': ['<a id="here"></a>', ['here']],
    'nothing of code': ['```sh\n# comment\n```\n# a', ['a']],
  };
  for (const [what, [text, anchors]] of Object.entries(rows)) {
    it(`gives ${what}`, () => {
      expect([...anchorsOf(text)]).to.deep.equal(anchors);
    });
  }
});

describe('linksOf()', () => {
  const rows: Record<string, [text: string, links: string[]]> = {
    'links and images': ['[a](b.md#c) ![d](e.svg)', ['b.md#c', 'e.svg']],
    'a link around an image': ['[![a](b.svg)](c.md)', ['b.svg', 'c.md']],
    definitions: ['[a]: b.md', ['b.md']],
    'those of HTML': ['<img alt="" src="a.svg"><a href="b.md">', ['a.svg', 'b.md']],
    'none of the Internet': ['[a](https://b.example/c.md) [d](mailto:e@f.example)', []],
    'none of code': ['```md\n[a](b.md)\n```', []],
  };
  for (const [what, [text, links]] of Object.entries(rows)) {
    it(`gives ${what}`, () => {
      expect(linksOf(text)).to.deep.equal(links);
    });
  }
});
