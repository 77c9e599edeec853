// What is open: which page of the app, on which site, by whom, about which issue.
import { randomUUID } from 'node:crypto';

import type { Installation } from '../installation.ts';
import type { Issue } from '../jira/site.ts';
import type { Surface } from '../manifest.ts';

export interface View {
  id: string;
  installation: Installation;
  surface: Surface;
  /** Nobody when it is an anonymous visitor. */
  accountId?: string;
  extension: Record<string, unknown>;
  route: string;
  /** What the page submitted last. */
  submitted?: { fields?: { key: string; value: unknown }[]; isValid?: boolean };
}

/** How to open a page. */
export interface Opening {
  module: string;
  account?: string;
  /** Id or key; for pages about an issue. */
  issue?: string;
  /** Key; for pages of a project or portal. */
  project?: string;
  route?: string;
}

export function view(installation: Installation, surface: Surface, { account, issue: issueKey, project: projectKey, route = '/' }: Opening): View {
  const issue = issueKey === undefined ? undefined : installation.jira.find(issueKey);
  return {
    id: randomUUID(),
    installation,
    surface,
    ...(account && { accountId: account }),
    extension: extensionOf(installation, surface, issue, projectKey),
    route,
  };
}

/** What the product tells a page of where it is, for each sort of page. */
function extensionOf(installation: Installation, { type }: Surface, issue: Issue | undefined, projectKey: string | undefined): Record<string, unknown> {
  const projects = [...installation.jira.projects.values()];
  const project = projects.find(({ id, key }) => (issue ? id === issue.projectId : key === projectKey)) ?? projects[0];
  const portal = { id: project?.portalId };
  const place = project && { id: project.id, key: project.key, type: project.serviceDesk ? 'service_desk' : 'software' };
  if (type === 'jiraServiceManagement:portalRequestCreatePropertyPanel') return { portal, request: { typeId: '1' } };
  if (type.startsWith('jiraServiceManagement:portalRequest')) {
    return { portal, request: { id: issue?.id, key: issue?.key, typeId: '1', property: Object.fromEntries(issue?.properties ?? []) } };
  }
  if (type.startsWith('jiraServiceManagement:portal')) return { portal };
  if (type.startsWith('jira:issue')) return { issue: { id: issue?.id, key: issue?.key, type: 'Service request', typeId: '1' }, project: place };
  if (type === 'jiraServiceManagement:queuePage') return { project: place };
  return {};
}
