// What the invoking user may do, asked of Jira as that user, at every call: no answer is kept.
import { asUser, getAppContext, route } from '@forge/api';

/** The module key of the manifest's custom global permission. */
const AUDITOR = 'auditor';

/** Whether the invoking user administers Jira. When Jira does not say so, the answer is no. */
export const isAdministrator = (): Promise<boolean> => has('ADMINISTER');

/** Whether the invoking user was given the app's own permission to read and verify the log. */
export function isAuditor(): Promise<boolean> {
  const { appAri, environmentAri } = getAppContext();
  return has(`ari:cloud:ecosystem::extension/${appAri.appId}/${environmentAri.environmentId}/static/${AUDITOR}`);
}

async function has(permission: string): Promise<boolean> {
  const response = await asUser().requestJira(route`/rest/api/3/mypermissions?permissions=${permission}`);
  if (!response.ok) return false;
  const { permissions } = (await response.json()) as { permissions?: Record<string, { havePermission?: boolean }> };
  return permissions?.[permission]?.havePermission === true;
}
