import type { Output } from '../api/operations';
import { t } from '../messages';
import { Chart } from './Chart';
import { DataTable } from './DataTable';
import { type Period, inWords } from './period';
import { Titled } from './Titled';

const text = t.insights;
type Points = Output<'insights.series'>['points'];
type Point = Points[number];

/** Counts by day or week: bars, and the table that says the same. */
export function Counts<N extends string>({
  title,
  table,
  period,
  points,
  words,
  of,
  drawn,
}: {
  title: string;
  table: 'requests' | 'grants' | 'drift' | 'reviews' | 'seats';
  period: Period;
  points: Points;
  words: Record<N, string>;
  of: (point: Point) => Record<N, number>;
  /** What the bars are of; the table has everything. */
  drawn: readonly NoInfer<N>[];
}) {
  const names = Object.keys(words) as N[];
  const counted = points.some((point) => names.some((name) => of(point)[name] > 0));
  const rows = points.map((point) => [point.from, ...names.map((name) => of(point)[name])]);
  const total = names.map((name) => points.reduce((sum, point) => sum + of(point)[name], 0));
  return (
    <Titled title={title} file={{ table, ...period }}>
      {counted ? (
        <>
          <Chart stacked bars={drawn.map((name) => ({ name: words[name], values: points.map((point) => of(point)[name]) }))} />
          <details>
            <summary>{text.table}</summary>
            <DataTable
              caption={title}
              head={[text.from[period.by], ...names.map((name) => words[name])]}
              rows={[...rows, [text.total, ...total]]}
            />
          </details>
        </>
      ) : (
        <p>{text.nothing}</p>
      )}
    </Titled>
  );
}

const quantiles = Object.keys(text.times) as (keyof typeof text.times)[];

/** How long something took, by day or week. */
export function Times({ title, period, points, of }: { title: string; period: Period; points: Points; of: 'decision' | 'removal' }) {
  const counted = points.some((point) => point[of].count > 0);
  return (
    <Titled title={title} file={{ table: 'times', ...period }}>
      {counted ? (
        <>
          <p className="c-subtle">{text.timesNote}</p>
          <Chart
            stacked={false}
            bars={quantiles.map((name) => ({ name: text.times[name], values: points.map((point) => point[of][name] ?? 0) }))}
          />
          <details>
            <summary>{text.table}</summary>
            <DataTable
              caption={title}
              head={[text.from[period.by], text.count, ...quantiles.map((name) => text.times[name])]}
              rows={points.map((point) => [point.from, point[of].count, ...quantiles.map((name) => inWords(point[of][name]))])}
            />
          </details>
        </>
      ) : (
        <p>{text.nothing}</p>
      )}
    </Titled>
  );
}
