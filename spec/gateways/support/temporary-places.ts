/** What nginx needs besides, in `directory`: Debian's places are for root. */
export function temporaryPlaces(directory: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `${kind}_temp_path ${directory}/${kind};`).join('\n');
}
