import SectionMessage from '@atlaskit/section-message';
import { useOperation } from '../api/hooks';
import type { Output } from '../api/operations';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';
import { Chart } from './Chart';
import { DataTable } from './DataTable';
import { Titled } from './Titled';

const text = t.insights;
type Name = keyof typeof text.forecastCounts;
const names = Object.keys(text.forecastCounts) as Name[];
const drawn: readonly Name[] = ['access_ends', 'requests_lapse', 'reviews_open', 'exceptions_end'];

/** What is coming in the next 90 days. */
export function Forecast() {
  const query = useOperation('insights.forecast', {});
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t.common.loading(text.forecast)} />;
  const { days, credentials, partial, weeks, reviewers } = query.data.forecast;
  const busy = days.filter((day) => names.some((name) => day[name] > 0));
  return (
    <>
      <Titled title={text.forecast} file={{ table: 'forecast' }}>
        <p className="c-lead">{text.forecastLead}</p>
        {partial && (
          <SectionMessage appearance="warning">
            <p>{text.forecastPartial}</p>
          </SectionMessage>
        )}
        {busy.length > 0 ? (
          <>
            <Chart stacked bars={drawn.map((name) => ({ name: text.forecastCounts[name], values: days.map((day) => day[name]) }))} />
            <details>
              <summary>{text.table}</summary>
              <DataTable
                caption={text.forecast}
                head={[text.from.day, ...names.map((name) => text.forecastCounts[name])]}
                rows={busy.map((day) => [day.day, ...names.map((name) => day[name])])}
              />
            </details>
          </>
        ) : (
          <p>{text.forecastNone}</p>
        )}
        {credentials.length > 0 ? (
          <DataTable
            caption={text.credentials}
            head={[text.connector, text.credential, text.ends]}
            rows={credentials.map((end) => [
              <a href={`#/connectors/${end.connector}`}>{end.name}</a>,
              text.credentialKinds[end.kind],
              <When at={end.ends_at} relative />,
            ])}
          />
        ) : (
          <p className="c-subtle">{text.noCredentials}</p>
        )}
      </Titled>
      <Reviewers weeks={weeks} reviewers={reviewers} />
    </>
  );
}

type Coming = Output<'insights.forecast'>['forecast'];

/** Reviews that wait and that come, by who decides them. */
function Reviewers({ weeks, reviewers }: Pick<Coming, 'weeks' | 'reviewers'>) {
  const ofWeek = weeks.map((_, week) => reviewers.reduce((sum, reviewer) => sum + (reviewer.weeks[week] ?? 0), 0));
  return (
    <Titled title={text.reviewers} file={{ table: 'reviewers' }}>
      {reviewers.length > 0 ? (
        <>
          <Chart stacked bars={[{ name: text.reviewsComing, values: ofWeek }]} />
          <details>
            <summary>{text.table}</summary>
            <DataTable
              caption={text.reviewers}
              head={[text.reviewer, text.waiting, ...weeks.map(text.weekFrom)]}
              rows={reviewers.map((reviewer) => [reviewer.reviewer, reviewer.waiting, ...reviewer.weeks])}
            />
          </details>
        </>
      ) : (
        <p>{text.noReviewers}</p>
      )}
    </Titled>
  );
}
