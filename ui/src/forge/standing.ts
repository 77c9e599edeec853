import { useQuery } from '@tanstack/react-query';
import { transport } from '../api/transport';
import { useHost } from '../shell/host';

/** As what the platform's account calls. This call exists inside Jira only, so the API's own types do not have it. */
interface Standing {
  administers: boolean;
  reads_everything: boolean;
}

/** Whether the account has the app's own permission to read everything, in Jira. What it may is decided at each call anyway. */
export function useReadsEverything(): boolean {
  const inJira = useHost() === 'forge';
  const standing = useQuery<Standing>({
    queryKey: ['accounts.standing'],
    queryFn: async () => (await transport().call('accounts.standing', {}, null)) as Standing,
    enabled: inJira,
    staleTime: 300_000,
  });
  return inJira && standing.data?.reads_everything === true;
}
