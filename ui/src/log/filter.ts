import type { Input } from '../api/operations';
import { t } from '../messages';

export type Family = NonNullable<Input<'audit.entries'>['families']>[number];
export const families = Object.keys(t.log.families) as Family[];

/** What the log is narrowed to, as it stands in the page's address. Days are the viewer's own, both included. */
export interface LogFilter {
  families: Family[];
  person: string | null;
  about: string | null;
  from: string | null;
  until: string | null;
}

const anyId = /^[a-z]{3,6}_[0-9a-z]{26}$/;
const day = /^\d{4}-\d{2}-\d{2}$/;

/** Whether a text has the form that ids have. */
export const isId = (text: string): boolean => anyId.test(text);

/** What an address says; whatever is no filter is left out. */
export function filterOf(query: URLSearchParams): LogFilter {
  const matching = (name: string, form: RegExp) => {
    const value = query.get(name) ?? '';
    return form.test(value) ? value : null;
  };
  return {
    families: families.filter((family) => query.getAll('family').includes(family)),
    person: matching('person', anyId),
    about: matching('about', anyId),
    from: matching('from', day),
    until: matching('until', day),
  };
}

export function queryOf({ families, ...rest }: LogFilter): URLSearchParams {
  const query = new URLSearchParams(families.map((family) => ['family', family]));
  for (const [name, value] of Object.entries(rest)) if (value) query.set(name, value);
  return query;
}

export const isFiltered = (filter: LogFilter): boolean => queryOf(filter).size > 0;

/** Whether finding matches means reading the log, part by part, instead of going to a place in it. */
export const searches = (filter: LogFilter): boolean => filter.families.length > 0 || filter.person !== null || filter.about !== null;

/** What `audit.entries` takes for it. */
export function inputOf(filter: LogFilter, timeZone: string | null): Input<'audit.entries'> {
  return {
    newest_first: true,
    ...(filter.families.length > 0 ? { families: filter.families } : {}),
    ...(filter.person ? { person: filter.person } : {}),
    ...(filter.about ? { about: filter.about } : {}),
    ...(filter.from ? { from: startOfDay(filter.from, 0, timeZone) } : {}),
    ...(filter.until ? { until: startOfDay(filter.until, 1, timeZone) } : {}),
  };
}

/** The instant at which a day, moved by whole days, begins in a time zone; null is the browser's own. */
export function startOfDay(date: string, plusDays: number, timeZone: string | null): string {
  const [year = 0, month = 1, dayOfMonth = 1] = date.split('-').map(Number);
  const midnight = Date.UTC(year, month - 1, dayOfMonth + plusDays);
  // The offset is that of the instant looked for, which is known up to a change of the clocks; the second look has it.
  const guess = midnight - offsetAt(midnight, timeZone);
  return new Date(midnight - offsetAt(guess, timeZone)).toISOString();
}

/** By how many milliseconds clocks of a time zone are ahead of UTC at an instant. */
function offsetAt(instant: number, timeZone: string | null): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
    ...(timeZone ? { timeZone } : {}),
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(instant / 1000) * 1000;
}
