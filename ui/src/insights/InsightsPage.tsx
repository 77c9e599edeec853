import SectionMessage from '@atlaskit/section-message';
import { useMemo } from 'react';
import { useOperation } from '../api/hooks';
import type { Output } from '../api/operations';
import { t } from '../messages';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { useHashQuery } from '../shell/hash';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { Chart } from './Chart';
import { DataTable } from './DataTable';
import { Forecast } from './Forecast';
import { type PeriodName, periodOf } from './period';
import { Counts, Times } from './Series';
import { Titled } from './Titled';

const text = t.insights;

/** How requests, access, reviews, seats and differences go, how they stand, and what is coming. */
export default function InsightsPage() {
  const [query, setQuery] = useHashQuery();
  const asked = query.get('time') ?? '';
  const name: PeriodName = asked in text.periods ? (asked as PeriodName) : 'month';
  const period = useMemo(() => periodOf(name, Date.now()), [name]);
  const summary = useOperation('insights.summary', period);
  const series = useOperation('insights.series', period);
  const choose = (next: PeriodName | null) => setQuery(new URLSearchParams({ time: next ?? 'month' }));
  const error = summary.error ?? series.error;
  return (
    <Page title={text.title} lead={text.lead}>
      <search className="c-filters">
        <ChoiceFilter label={text.period} options={optionsOf(text.periods)} value={name} onChange={choose} />
      </search>
      {error && <Problem error={error} onRetry={() => void Promise.all([summary.refetch(), series.refetch()])} />}
      {!error && !(summary.data && series.data) && <LoadingRows label={t.common.loading(text.title)} />}
      {summary.data && series.data && (
        <>
          <Standing summary={summary.data} />
          <Counts
            title={text.requests}
            table="requests"
            period={period}
            points={series.data.points}
            words={text.requestCounts}
            of={(point) => point.requests}
            drawn={['approved_by_policy', 'approved_by_people', 'denied_by_policy', 'denied_by_people', 'withdrawn', 'lapsed']}
          />
          <Times title={text.decision} period={period} points={series.data.points} of="decision" />
          <Counts
            title={text.grants}
            table="grants"
            period={period}
            points={series.data.points}
            words={text.grantCounts}
            of={(point) => point.grants}
            drawn={['activated', 'expired', 'revoked', 'given_back', 'rejected']}
          />
          <Times title={text.removal} period={period} points={series.data.points} of="removal" />
          <Counts
            title={text.reviews}
            table="reviews"
            period={period}
            points={series.data.points}
            words={text.reviewCounts}
            of={(point) => point.reviews}
            drawn={['renewed', 'let_expire', 'removed', 'excepted', 'undecided', 'void']}
          />
          <Counts
            title={text.seats}
            table="seats"
            period={period}
            points={series.data.points}
            words={text.seatCounts}
            of={(point) => point.seats}
            drawn={['accepted', 'declined', 'missed']}
          />
          <ByTool summary={summary.data} />
          <ByRisk summary={summary.data} />
          <Counts
            title={text.drift}
            table="drift"
            period={period}
            points={series.data.points}
            words={text.driftCounts}
            of={(point) => point.drift}
            drawn={['found', 'settled']}
          />
        </>
      )}
      <Forecast />
    </Page>
  );
}

type Summary = Output<'insights.summary'>;

function Standing({ summary }: { summary: Summary }) {
  const { standing, counted_until: counted } = summary;
  return (
    <Section title={text.now}>
      {counted.entries < counted.of && (
        <SectionMessage appearance="information">
          <p>{text.behind(counted.entries, counted.of)}</p>
        </SectionMessage>
      )}
      <Facts
        rows={[
          [text.requestsOpen, standing.requests_open],
          [text.withAccess, standing.with_access],
          [text.reviewsOpen, standing.reviews_open],
          [text.driftOpen, standing.drift_open],
        ]}
      />
    </Section>
  );
}

/** Any number may have it. */
const unlimited = [t.common.none, t.common.none, t.common.none];

function ByTool({ summary }: { summary: Summary }) {
  const drawn = summary.by_tool.slice(0, 20);
  return (
    <Titled title={text.tools} file={{ table: 'tools' }}>
      {summary.by_tool.length === 0 ? (
        <p>{text.noTools}</p>
      ) : (
        <>
          <Chart stacked bars={[{ name: text.people, values: drawn.map((tool) => tool.with_access) }]} />
          {summary.more_tools && <p className="c-subtle">{text.moreTools}</p>}
          <DataTable
            caption={text.tools}
            head={[text.tool, text.risk, text.people, text.asked, text.seatsTaken, text.seatsKept, text.seatsWaiting]}
            rows={summary.by_tool.map((tool) => [
              tool.name,
              tool.risk ? t.catalog.risks[tool.risk] : t.common.none,
              tool.with_access,
              tool.requests,
              ...(tool.seats ? [text.seatsOf(tool.seats.in_use, tool.seats.cap), tool.seats.kept, tool.seats.waiting] : unlimited),
            ])}
          />
        </>
      )}
    </Titled>
  );
}

function ByRisk({ summary }: { summary: Summary }) {
  return (
    <Titled title={text.risks} file={{ table: 'risks' }}>
      {summary.by_risk.length === 0 ? (
        <p>{text.noTools}</p>
      ) : (
        <>
          <Chart stacked bars={[{ name: text.people, values: summary.by_risk.map((risk) => risk.with_access) }]} />
          <DataTable
            caption={text.risks}
            head={[text.risk, text.people]}
            rows={summary.by_risk.map((risk) => [t.catalog.risks[risk.risk], risk.with_access])}
          />
        </>
      )}
    </Titled>
  );
}
