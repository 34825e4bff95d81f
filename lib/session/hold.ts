/** Who does not want to read on, and what the wire has said while nothing could be delivered. */
export class Hold {
  count = 0;
  hasEnded = false;
  hasGone = false;
}
