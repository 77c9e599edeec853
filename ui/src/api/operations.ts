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
  'catalog.list': { input: Paging & { search?: string; risk?: T.Risk; data_class?: T.DataClass; status?: T.ToolStatus }; output: Page<T.ToolView> };
  'grants.list': { input: Paging & { person?: string; state?: T.GrantState }; output: Page<T.GrantView> };
  'requests.list': { input: Paging & { person?: string; state?: T.RequestState }; output: Page<T.RequestView> };
}
export type OperationName = keyof Operations;
export type Input<O extends OperationName> = Operations[O]['input'];
export type Output<O extends OperationName> = Operations[O]['output'];
/** Operations that answer a page of items. */
export type ListName = { [O in OperationName]: Output<O> extends Page<unknown> ? O : never }[OperationName];
export type Item<O extends ListName> = Output<O> extends Page<infer I> ? I : never;
