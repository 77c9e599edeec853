import { useOperation } from '../api/hooks';
import { t } from '../messages';
import type { NavigationCount } from '../shell/Navigation';

const everyMilliseconds = 60_000;

/** How many items of one's inbox are unread, for the navigation; nothing when none is. */
export function useUnread(): NavigationCount | null {
  const { data } = useOperation('inbox.unread', {}, { every: everyMilliseconds });
  if (!data || (data.count === 0 && !data.more)) return null;
  return { shown: t.inbox.unread(data.count, data.more), inWords: t.inbox.unreadInWords(data.count, data.more) };
}
