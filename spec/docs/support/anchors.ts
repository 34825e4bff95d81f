/** The names that the parts of a page can be linked to by, as GitHub makes them of headings. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const prose = withoutCode(text);
  for (const [, heading] of prose.matchAll(/^ {0,3}#{1,6} +(.+?) *#*$/gm)) {
    const plain = slug(heading!);
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  for (const [, id] of prose.matchAll(/<[a-z]+ [^>]*\b(?:id|name)="([^"]+)"/g)) anchors.add(id!);
  return anchors;
}

/** Where a page links to, images included, without addresses of the Internet. */
export function linksOf(text: string): string[] {
  const prose = withoutCode(text);
  const links = [
    /\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g,
    /^ {0,3}\[[^\]]+\]: +(\S+)/gm,
    /<[a-z]+ [^>]*\b(?:href|src|srcset)="([^"]+)"/g,
  ];
  return links
    .flatMap((form) => Array.from(prose.matchAll(form), ([, target]) => target!))
    .filter((target) => !/^[a-z][a-z+.-]*:/.test(target));
}

function withoutCode(text: string): string {
  return text.replaceAll(/^( *)(`{3,}|~{3,})[^]*?^ *\2`* *$/gm, '').replaceAll(/<!--[^]*?-->/g, '');
}

function slug(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}
