// Conditions of queries and transactions.
import { Refusal } from '../reply.ts';

export interface Condition {
  property?: string;
  condition: string;
  values: unknown[];
}

/** Conditions that must all hold, or of which one must. */
export interface Filter {
  and?: Condition[];
  or?: Condition[];
}

const MAX_CONDITIONS = 100;

type Comparable = string | number | boolean;

/** Text by its bytes, as DynamoDB orders it; numbers by their size. */
export function compare(a: Comparable, b: Comparable): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

export function holds({ condition, values }: Condition, value: unknown): boolean {
  const [first, second] = values as [Comparable, Comparable];
  if (condition === 'EXISTS') return value !== undefined;
  if (condition === 'NOT_EXISTS') return value === undefined;
  if (condition === 'NOT_EQUAL_TO') return value !== first;
  if (condition === 'NOT_CONTAINS') return !contains(value, first);
  if (value === undefined || value === null) return false;
  const is = value as Comparable;
  const sameType = typeof is === typeof first;
  switch (condition) {
    case 'EQUAL_TO':
      return is === first;
    case 'GREATER_THAN':
      return sameType && compare(is, first) > 0;
    case 'GREATER_THAN_EQUAL_TO':
      return sameType && compare(is, first) >= 0;
    case 'LESS_THAN':
      return sameType && compare(is, first) < 0;
    case 'LESS_THAN_EQUAL_TO':
      return sameType && compare(is, first) <= 0;
    case 'BETWEEN':
      return sameType && compare(is, first) >= 0 && compare(is, second) <= 0;
    case 'BEGINS_WITH':
      return typeof is === 'string' && is.startsWith(String(first));
    case 'CONTAINS':
      return contains(value, first);
    default:
      throw new Refusal(400, 'INVALID_CONDITION', `There is no condition ${condition}`);
  }
}

function contains(value: unknown, part: unknown): boolean {
  return Array.isArray(value) ? value.includes(part) : typeof value === 'string' && value.includes(String(part));
}

/** Whether a value, or nothing, passes a filter. */
export function passes(filter: Filter | undefined, value: unknown): boolean {
  if (!filter) return true;
  const conditions = filter.and ?? filter.or ?? [];
  if (conditions.length > MAX_CONDITIONS) throw new Refusal(400, 'MAX_CONDITIONS', `At most ${MAX_CONDITIONS} conditions`);
  const one = (condition: Condition) => holds(condition, (value as Record<string, unknown> | undefined)?.[condition.property ?? '']);
  return filter.and ? conditions.every(one) : conditions.some(one);
}
