import { useOperation } from '../api/hooks';
import type { AttemptView, JobView } from '../api/types';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';
import { JobActions } from './JobActions';
import { JobStateLozenge, phraseOf } from './JobState';
import { Why } from './JobsPage';
import { reasonInWords } from './reasons';

const text = t.jobs;

/** One job: where it stands, why, and every try that is remembered. */
export default function JobPage({ id }: { id: string }) {
  const query = useOperation('jobs.get', { job: id });
  const job = query.data?.job;
  return (
    <Page
      title={job ? phraseOf(job) : text.pageTitle}
      back={{ href: '#/jobs', label: text.title }}
      actions={job && <JobActions job={job} />}
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {job && <JobFacts job={job} />}
      {query.data && (
        <Section title={text.history}>
          <History attempts={query.data.attempts} all={query.data.job.attempts} />
        </Section>
      )}
    </Page>
  );
}

function JobFacts({ job }: { job: JobView }) {
  return (
    <>
      <div className="c-banner">
        <Why job={job} />
      </div>
      <Facts
        rows={[
          [text.state, <JobStateLozenge job={job} />],
          [text.kind, text.kinds[job.kind]],
          [text.person, job.person?.name],
          [text.tool, <a href={`#/catalog/${job.tool.id}`}>{job.tool.name}</a>],
          [text.access, job.grant ? <a href={`#/access/${job.grant}`}>{text.seeAccess}</a> : null],
          [text.connector, job.connector ? <a href={`#/connectors/${job.connector.id}`}>{job.connector.name}</a> : null],
          [text.assignee, job.assignee?.name],
          [text.since, <When at={job.queued_at} />],
          [text.lane, text.lanes[job.lane]],
          [text.attempts, job.attempts],
          [text.looksAgain, job.second_look_at ? <When at={job.second_look_at} /> : null],
        ]}
      />
    </>
  );
}

/** Newest first, as the server has them. */
function History({ attempts, all }: { attempts: readonly AttemptView[]; all: number }) {
  const earlier = all - attempts.length;
  if (all === 0) return <p className="c-subtle">{text.noHistory}</p>;
  return (
    <>
      <ol className="c-timeline" aria-label={text.historyList}>
        {newestFirst(attempts).map((attempt) => (
          <li key={attempt.started_at}>
            <strong>{outcomeInWords(attempt.outcome)}</strong>{' '}
            <span className="c-subtle">
              <When at={attempt.ended_at ?? attempt.started_at} />
            </span>
            {attempt.reason && <p>{reasonInWords(attempt.reason)}</p>}
            {attempt.what_to_do && <p className="c-subtle">{attempt.what_to_do}</p>}
            {attempt.provider_request_ids.length > 0 && (
              <details>
                <summary>{text.providerRequests}</summary>
                <p className="c-code">{attempt.provider_request_ids.join(', ')}</p>
              </details>
            )}
          </li>
        ))}
      </ol>
      {earlier > 0 && <p className="c-subtle">{text.earlier(earlier)}</p>}
    </>
  );
}

const newestFirst = (attempts: readonly AttemptView[]) =>
  attempts.toSorted((one, other) => Date.parse(other.started_at) - Date.parse(one.started_at));

const outcomeInWords = (code: string): string => (text.outcomes as Record<string, string | undefined>)[code] ?? code;
