import { useOperation } from '../api/hooks';
import { useSession } from '../shell/session';

/**
 * Whether this person can act on something now, or may come to: administrators decide whatever no rule matches, auditors decide
 * nothing, and for others the server is asked.
 */
export function useSomethingWaits(): boolean {
  const { role } = useSession().person;
  const queue = useOperation('approvals.queue', { limit: 1 }, { skip: role !== 'member' });
  const tasks = useOperation('jobs.list', { state: 'queued', limit: 1 }, { skip: role !== 'member' });
  return role === 'administrator' || Boolean(queue.data?.items.length) || Boolean(tasks.data?.items.length);
}
