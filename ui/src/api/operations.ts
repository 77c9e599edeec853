/** Provisional: the operation names with their inputs and outputs; will be derived from `schema.d.ts`. */
import type * as T from './types';

export interface Page<Item> {
  items: Item[];
  next: string | null;
}
interface Paging {
  after?: string;
  limit?: number;
}
interface Operations {
  'catalog.list': { input: Paging & { search?: string; risk?: T.Risk; data_class?: T.DataClass; category?: T.Category; status?: T.ToolStatus }; output: Page<T.ToolView> };
  'catalog.get': { input: { tool: string }; output: { tool: T.ToolView } };
  'catalog.put': { input: T.PutTool; output: { tool: T.ToolView } };
  'catalog.load_starter': { input: Record<string, never>; output: { added: number } };
  'people.list': { input: Paging & { name?: string }; output: Page<T.PersonView> };
  'people.put': { input: { id?: string; name: string; email?: string; role?: T.Role; groups?: string[]; active?: boolean }; output: { person: T.PersonView } };
  'people_groups.list': { input: Paging; output: Page<T.Named> };
  'people_groups.put': { input: { id?: string; name: string }; output: { group: T.Named } };
  'settings.get': { input: Record<string, never>; output: { settings: T.Settings } };
  'settings.put': { input: Partial<T.Settings>; output: { settings: T.Settings } };
  'policies.list': { input: Paging; output: Page<T.PolicyView> };
  'requests.submit': { input: T.SubmitRequest; output: { request: T.RequestView; grant?: T.GrantView | null } };
  'requests.preview': { input: T.SubmitRequest; output: T.PreviewAnswer };
  'requests.get': { input: { request: string }; output: { request: T.RequestView } };
  'requests.list': { input: Paging & { person?: string; state?: T.RequestState }; output: Page<T.RequestView> };
  'requests.cancel': { input: { request: string }; output: { request: T.RequestView } };
  'requests.provide_information': { input: { request: string; answer: string }; output: { request: T.RequestView } };
  'approvals.queue': { input: Paging; output: Page<{ request: T.WaitingSummary; stage: string; since: string }> };
  'approvals.ask': { input: { request: string; question: string }; output: { request: T.RequestView } };
  'approvals.decide': { input: { request: string; decision: 'approve' | 'deny'; rationale?: string; days?: number }; output: { request: T.RequestView; grant?: T.GrantView | null } };
  'approvals.decide_many': { input: { requests: string[]; decision: 'approve' | 'deny'; rationale?: string }; output: { results: T.PartResult[]; remaining: string[] } };
  'grants.list': { input: Paging & { person?: string; state?: T.GrantState }; output: Page<T.GrantView> };
  'grants.get': { input: { grant: string }; output: { grant: T.GrantView } };
  'grants.extend': { input: { grant: string; days: number; purpose?: string; acknowledged?: number }; output: { request: T.RequestView; grant?: T.GrantView | null } };
  'grants.give_back': { input: { grant: string }; output: { grant: T.GrantView } };
  'grants.revoke': { input: { grant: string }; output: { grant: T.GrantView } };
  'jobs.list': { input: Paging & { state?: string }; output: Page<T.JobView> };
  'jobs.attest': { input: { job: string }; output: { job: T.JobView } };
  'audit.entries': { input: Paging & { newest_first?: boolean }; output: Page<T.EntryView> };
  'audit.verify': { input: { next?: T.VerifyState }; output: T.VerifyAnswer };
}
export type OperationName = keyof Operations;
export type Input<O extends OperationName> = Operations[O]['input'];
export type Output<O extends OperationName> = Operations[O]['output'];
/** Operations that answer a page of items. */
export type ListName = { [O in OperationName]: Output<O> extends Page<unknown> ? O : never }[OperationName];
export type Item<O extends ListName> = Output<O> extends Page<infer I> ? I : never;
