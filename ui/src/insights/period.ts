import type { Input } from '../api/operations';
import { t } from '../messages';

export type PeriodName = keyof typeof t.insights.periods;
export type Period = Required<Pick<Input<'insights.series'>, 'from' | 'until' | 'by'>>;

const dayMilliseconds = 86_400_000;
const lengths: Record<PeriodName, { days: number; by: 'day' | 'week' }> = {
  month: { days: 30, by: 'day' },
  quarter: { days: 91, by: 'week' },
  year: { days: 364, by: 'week' },
};

/** A time that ends with today, in UTC. */
export function periodOf(name: PeriodName, now: number): Period {
  const { days, by } = lengths[name];
  const day = (offset: number) => new Date(now + offset * dayMilliseconds).toISOString().slice(0, 10);
  return { from: day(1 - days), until: day(1), by };
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A duration in its two largest units, for example `2 days 3 hours`. */
export function inWords(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return t.common.none;
  const first = units.findIndex(([, length]) => seconds >= length);
  if (first < 0) return t.insights.duration([[0, 'second']]);
  let rest = seconds;
  const parts: [number, (typeof units)[number][0]][] = [];
  for (const [unit, length] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push([count, unit]);
  }
  return t.insights.duration(parts);
}
