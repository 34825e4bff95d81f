/** How many slots `object` has, of all signals. */
export function slotsOf(object: {
  eventNames(): unknown[];
  listenerCount(name: never): number;
}): number {
  return object
    .eventNames()
    .reduce<number>((sum, name) => sum + object.listenerCount(name as never), 0);
}
