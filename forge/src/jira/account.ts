// Accounts: who they are now, and the platform's cycle of reporting whose data is kept.
import { privacy, route } from '@forge/api';

import { accepted, jira } from './request';

export interface ReadAccount {
  found: boolean;
  name?: string;
  active?: boolean;
  groups?: string[];
}

/** An account with the ids of its groups. */
export async function readAccount(account: string): Promise<ReadAccount> {
  const answer = await jira(route`/rest/api/3/user?accountId=${account}&expand=groups`);
  if (answer.status === 404) return { found: false };
  accepted(answer, 'reading an account');
  const { displayName, active, groups } = answer.json;
  const items: { groupId?: string }[] = groups?.items ?? [];
  return {
    found: true,
    ...(typeof displayName === 'string' ? { name: displayName } : {}),
    active: active === true,
    groups: items.flatMap(({ groupId }) => groupId ?? []),
  };
}

/** Reports of whom personal data is kept, at most 90; answers the accounts of which it must go. */
export async function reportAccounts(accounts: readonly { account: string; updated_at: string }[]): Promise<string[]> {
  if (accounts.length === 0) return [];
  const updates = await privacy.reportPersonalData(accounts.map(({ account, updated_at }) => ({ accountId: account, updatedAt: updated_at })));
  // `updated` asks to read the account again, which happens at its next call.
  return updates.filter(({ status }) => status === 'closed').map(({ accountId }) => accountId);
}
