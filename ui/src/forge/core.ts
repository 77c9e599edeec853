import { useQuery, useQueryClient } from '@tanstack/react-query';
import { newIdempotencyKey } from '../api/invoke';
import { transport } from '../api/transport';

/** How the app stands with its Core. These two calls exist inside Jira only, so the API's own types do not have them. */
export interface CoreStanding {
  standing: 'not_configured' | 'not_paired' | 'paired' | 'refused' | 'unknown' | 'unreachable';
  /** The refusal's code, when Core refuses. */
  code?: string | null;
}

export function useCoreStanding() {
  return useQuery<CoreStanding>({
    queryKey: ['core.standing'],
    queryFn: async () => (await transport().call('core.standing', {}, null)) as CoreStanding,
  });
}

/** Exchanges the one-time code that Core's command line printed for the key of this installation. */
export function usePairing(): (code: string) => Promise<void> {
  const client = useQueryClient();
  return async (code) => {
    await transport().call('core.pair', { code }, newIdempotencyKey());
    await client.invalidateQueries();
  };
}
