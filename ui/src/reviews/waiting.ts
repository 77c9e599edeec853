import { useOperation } from '../api/hooks';
import { useSession } from '../shell/session';

/** Whether this person can review something now. Auditors decide nothing. */
export function useReviewsWait(): boolean {
  const { role } = useSession().person;
  const mine = useOperation('reviews.list', { mine: true, limit: 1 }, { skip: role === 'auditor' });
  return Boolean(mine.data?.items.length);
}
