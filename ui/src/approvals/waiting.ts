import { useOperation } from '../api/hooks';
import { useIsAdministrator } from '../shell/session';

/** Whether this person can act on something now, or may come to: administrators decide whatever no rule matches. */
export function useSomethingWaits(): boolean {
  const administrator = useIsAdministrator();
  const queue = useOperation('approvals.queue', { limit: 1 }, { skip: administrator });
  const tasks = useOperation('jobs.list', { limit: 1 }, { skip: administrator });
  return administrator || Boolean(queue.data?.items.length) || Boolean(tasks.data?.items.length);
}
