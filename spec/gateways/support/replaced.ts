/** `text` with each key of `places` replaced by its value; a place that is not there is an error. */
export function replaced(text: string, places: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [place, value] of Object.entries(places)) {
    if (!result.includes(place)) throw new Error(`The configuration has no "${place}" any more.`);
    result = result.replaceAll(place, value);
  }
  return result;
}
