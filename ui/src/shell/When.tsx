import { t } from '../messages';
import { useSession } from './session';

/** An instant in the viewer's time zone, always with its offset, so that no end is ever ambiguous. */
export function When({ at, relative = false }: { at: string | null | undefined; relative?: boolean }) {
  const { time_zone } = useSession();
  if (!at) return <>{t.common.none}</>;
  return (
    <time dateTime={at}>
      {formatInstant(at, time_zone)}
      {relative && <span className="c-subtle"> ({formatDistance(at, Date.now())})</span>}
    </time>
  );
}

/** For example `23 Nov 2026, 19:05 GMT+1`. */
export function formatInstant(at: string, timeZone: string | null): string {
  return new Intl.DateTimeFormat(t.locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
    ...(timeZone ? { timeZone } : {}),
  }).format(new Date(at));
}

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** For example `in 12 days` or `3 hours ago`; whole units, never rounded up towards a later end. */
export function formatDistance(at: string, now: number): string {
  const distance = new Date(at).getTime() - now;
  // In numbers: a day and a half away is not always tomorrow.
  const format = new Intl.RelativeTimeFormat(t.locale, { numeric: 'always' });
  for (const [unit, length] of units) {
    const whole = Math.trunc(distance / length);
    if (whole !== 0) return format.format(whole, unit);
  }
  return t.common.now;
}
