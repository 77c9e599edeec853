import { useList } from '../api/hooks';
import type { JobState, JobView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { useHashQuery } from '../shell/hash';
import { ListTable } from '../shell/ListTable';
import { Page } from '../shell/Page';
import { When } from '../shell/When';
import { JobActions } from './JobActions';
import { JobStateLozenge } from './JobState';
import { reasonInWords } from './reasons';

const text = t.jobs;

/** Every job, why it does not go on, and what can be done about it. */
export default function JobsPage() {
  const [query, setQuery] = useHashQuery();
  const state = stateOf(query.get('state')) ?? 'needs_follow_up';
  const tool = /^tool_[0-9a-z]+$/.test(query.get('tool') ?? '') ? query.get('tool') : null;
  const list = useList('jobs.list', { state, ...(tool ? { tool } : {}) });
  const narrow = (next: JobState | null) => {
    const changed = new URLSearchParams(query);
    if (next) changed.set('state', next);
    setQuery(changed);
  };
  return (
    <Page title={text.title} lead={text.lead}>
      <search className="c-filters">
        <ChoiceFilter label={text.state} options={optionsOf(text.states)} value={state} onChange={narrow} />
      </search>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(job) => job.id}
        empty={
          state === 'needs_follow_up' ? (
            <Empty title={text.none} hint={text.noneHint} />
          ) : (
            <Empty title={text.noneFiltered} hint={text.noneFilteredHint} />
          )
        }
        columns={[
          {
            key: 'task',
            header: text.task,
            width: 27,
            cell: (job) => (
              <>
                <a href={`#/jobs/${job.id}`}>{text.tasks[job.task]}</a>
                <div>
                  {job.person?.name && `${job.person.name}, `}
                  {job.tool.name}
                </div>
                <div className="c-subtle">{text.kinds[job.kind]}</div>
              </>
            ),
          },
          { key: 'state', header: text.state, width: 17, cell: (job) => <JobStateLozenge job={job} /> },
          { key: 'why', header: text.why, cell: (job) => <Why job={job} /> },
          { key: 'since', header: text.since, width: 15, cell: (job) => <When at={job.queued_at} /> },
          { key: 'actions', header: t.common.actions, headerHidden: true, width: 19, cell: (job) => <JobActions job={job} compact /> },
        ]}
      />
    </Page>
  );
}

/** Why a job does not go on, and what to do; when it goes on by itself, when. */
export function Why({ job }: { job: JobView }) {
  return (
    <>
      {job.held && (
        <p>
          {text.heldWhy}{' '}
          <a className="c-underlined" href={`#/catalog/${job.tool.id}/group`}>
            {text.seeGroup}
          </a>
        </p>
      )}
      {job.reason && <p>{reasonInWords(job.reason)}</p>}
      {job.what_to_do && <p className="c-subtle">{job.what_to_do}</p>}
      {job.state === 'waiting_retry' && job.due_at && (
        <p className="c-subtle">
          {text.due}: <When at={job.due_at} />
        </p>
      )}
      {job.kind === 'manual' && job.state === 'queued' && job.assignee && (
        <p>
          {text.assignee} {job.assignee.name}
        </p>
      )}
    </>
  );
}

const stateOf = (value: string | null): JobState | null => (value && value in text.states ? (value as JobState) : null);
