/** Operation names with their inputs and outputs, read off the paths of `schema.d.ts`. */
import type { paths } from './schema';

type Prefix = '/api/v1/';

export type OperationName = keyof paths extends `${Prefix}${infer Name}` ? Name : never;

type Post<O extends OperationName> = paths[`${Prefix}${O}`]['post'];

/** What an operation takes. */
export type Input<O extends OperationName> = Post<O> extends { requestBody?: { content: { 'application/json': infer I } } } ? I : never;

/** What an operation answers. */
export type Output<O extends OperationName> =
  Post<O> extends { responses: { 200: { content: { 'application/json': infer A } } } } ? A : never;

/** A page of a list, and the cursor of the next one. */
export interface Page<I> {
  items: I[];
  next?: string | null;
}

/** Operations that answer a page of items. */
export type ListName = { [O in OperationName]: Output<O> extends Page<unknown> ? O : never }[OperationName];

/** What a list operation lists. */
export type Item<O extends ListName> = Output<O> extends Page<infer I> ? I : never;
