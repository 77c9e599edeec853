import { useOperation } from '../api/hooks';

/** Whether there is emergency access that this person sees: their own, or of a tool that they own. */
export function useEmergencies(): boolean {
  const query = useOperation('emergency.list', { limit: 1 });
  return (query.data?.items.length ?? 0) > 0;
}
