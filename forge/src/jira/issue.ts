// Issues: read with their native approvals, commented, moved.
import { route } from '@forge/api';

import { EffectFailure } from '../operation/protocol';
import { accepted, jira } from './request';

/** The issue property in which the portal's panel leaves the draft's id and hash. */
export const DRAFT_PROPERTY = 'clearance';

export interface ReadIssue {
  found: boolean;
  id?: string;
  reporter?: string;
  creator?: string;
  status_category?: string;
  approvals?: { name: string; decision: string }[];
}

/** An issue with its native approvals. */
export async function readIssue(issue: string): Promise<ReadIssue> {
  const [{ found, property: _, ...read }, approvals] = await Promise.all([readFields(issue), readApprovals(issue)]);
  return found ? { found, ...read, approvals } : { found: false };
}

/** An issue's people, status and draft, in one call. */
export async function readFields(issue: string): Promise<ReadIssue & { property?: unknown }> {
  const answer = await jira(route`/rest/api/3/issue/${issue}?fields=reporter,creator,status&properties=${DRAFT_PROPERTY}`);
  if (answer.status === 404) return { found: false };
  accepted(answer, 'reading an issue');
  const { id, fields, properties } = answer.json;
  const reporter = fields?.reporter?.accountId;
  const creator = fields?.creator?.accountId;
  const property = properties?.[DRAFT_PROPERTY];
  return {
    found: true,
    id: String(id),
    ...(typeof reporter === 'string' ? { reporter } : {}),
    ...(typeof creator === 'string' ? { creator } : {}),
    status_category: fields?.status?.statusCategory?.key ?? 'undefined',
    ...(property === undefined ? {} : { property }),
  };
}

const DECISIONS: Record<string, string> = { approved: 'approved', declined: 'declined' };

async function readApprovals(issue: string): Promise<{ name: string; decision: string }[]> {
  const answer = await jira(route`/rest/servicedeskapi/request/${issue}/approval?limit=50`);
  // Not a request of a service desk.
  if (answer.status >= 400) return [];
  const values: { name?: string; finalDecision?: string }[] = answer.json.values ?? [];
  return values.map(({ name, finalDecision }) => ({ name: name ?? '', decision: DECISIONS[finalDecision ?? ''] ?? 'pending' }));
}

/** Paragraphs as Atlassian Document Format: plain text, in which nothing is interpreted. */
export async function comment(issue: string, internal: boolean, paragraphs: readonly string[]): Promise<void> {
  const content = paragraphs.map((text) => ({ type: 'paragraph', content: text === '' ? [] : [{ type: 'text', text }] }));
  const properties = [{ key: 'sd.public.comment', value: { internal } }];
  const body = { body: { type: 'doc', version: 1, content }, properties };
  accepted(await jira(route`/rest/api/3/issue/${issue}/comment`, { method: 'POST', body }), 'a comment');
}

/** Moves an issue by a transition's id, or its name exactly. */
export async function transition(issue: string, wanted: string): Promise<void> {
  const answer = await jira(route`/rest/api/3/issue/${issue}/transitions`);
  accepted(answer, 'reading transitions');
  const offered: { id: string; name: string }[] = answer.json.transitions ?? [];
  const chosen = offered.find(({ id }) => id === wanted) ?? offered.find(({ name }) => name === wanted);
  if (!chosen) throw new EffectFailure('refused', 'the issue has no such transition now');
  const body = { transition: { id: chosen.id } };
  accepted(await jira(route`/rest/api/3/issue/${issue}/transitions`, { method: 'POST', body }), 'a transition');
}
