import type { QUrl } from '../index.ts';
import { escaped } from './escaped.ts';

/** Where `url` leads, without what may be secret: user, password, query and fragment. */
export function shownUrl(url: QUrl): string {
  const shown = url.clone();
  shown.setUserName(null);
  shown.setPassword(null);
  shown.setQuery(null);
  shown.setFragment(null);
  return escaped(shown.toString());
}
