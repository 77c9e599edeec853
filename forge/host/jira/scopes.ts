// Which scope of the manifest each REST call needs. Written from the vendor's documentation, apart from what the app itself says it needs.

export interface Endpoint {
  /** Short name, for counters and faults. */
  name: string;
  method: string;
  path: RegExp;
  /** None of them is needed when there are none. */
  scopes: string[];
  /** Whether only a person may call it. */
  userOnly?: boolean;
}

const READ_WORK = ['read:jira-work'];
const WRITE_WORK = ['write:jira-work'];
const READ_USER = ['read:jira-user'];
const READ_REQUEST = ['read:servicedesk-request'];
const WRITE_REQUEST = ['write:servicedesk-request'];

const id = '([^/?]+)';

function endpoint(name: string, method: string, path: string, scopes: string[], userOnly = false): Endpoint {
  return { name, method, path: new RegExp(`^${path.replaceAll('{}', id)}$`), scopes, ...(userOnly && { userOnly }) };
}

export const ENDPOINTS: Endpoint[] = [
  endpoint('my permissions', 'GET', '/rest/api/[23]/mypermissions', []),
  endpoint('check permissions', 'POST', '/rest/api/[23]/permissions/check', []),
  endpoint('myself', 'GET', '/rest/api/[23]/myself', READ_USER),
  endpoint('user', 'GET', '/rest/api/[23]/user', READ_USER),
  endpoint('user groups', 'GET', '/rest/api/[23]/user/groups', READ_USER),
  endpoint('users', 'GET', '/rest/api/[23]/user/bulk', READ_USER),
  endpoint('search users', 'GET', '/rest/api/[23]/user/(?:search|picker)', READ_USER),
  endpoint('search groups', 'GET', '/rest/api/[23]/groups/picker', READ_USER),
  endpoint('issue', 'GET', '/rest/api/[23]/issue/{}', READ_WORK),
  endpoint('issue property', 'GET', '/rest/api/[23]/issue/{}/properties/{}', READ_WORK),
  endpoint('set issue property', 'PUT', '/rest/api/[23]/issue/{}/properties/{}', WRITE_WORK),
  endpoint('transitions', 'GET', '/rest/api/[23]/issue/{}/transitions', READ_WORK),
  endpoint('transition', 'POST', '/rest/api/[23]/issue/{}/transitions', WRITE_WORK),
  endpoint('comment', 'POST', '/rest/api/[23]/issue/{}/comment', WRITE_WORK),
  endpoint('projects', 'GET', '/rest/api/[23]/project/search', READ_WORK),
  endpoint('statuses', 'GET', '/rest/api/[23]/status', READ_WORK),
  endpoint('request', 'GET', '/rest/servicedeskapi/request/{}', READ_REQUEST),
  endpoint('request approvals', 'GET', '/rest/servicedeskapi/request/{}/approval', READ_REQUEST),
  endpoint('answer approval', 'POST', '/rest/servicedeskapi/request/{}/approval/{}', WRITE_REQUEST, true),
  endpoint('request comment', 'POST', '/rest/servicedeskapi/request/{}/comment', WRITE_REQUEST),
  endpoint('request transition', 'POST', '/rest/servicedeskapi/request/{}/transition', WRITE_REQUEST),
];

/** The scope that events of these names need; `undefined` when there is no such event. */
export function eventScope(event: string): string | undefined {
  if (/^avi:jira:(created|updated|deleted|assigned|commented|viewed):issue$/.test(event)) return 'read:jira-work';
  if (/^avi:jira:(created|updated|deleted):user$/.test(event)) return 'read:jira-user';
  return undefined;
}
