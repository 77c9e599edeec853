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
import { AlarmLozenge } from './StuckRemovals';

const text = t.jobs;

/** Every job, why it does not go on, and what can be done about it. */
export default function JobsPage() {
  const [query, setQuery] = useHashQuery();
  const shown = shownOf(query);
  const tool = /^tool_[0-9a-z]+$/.test(query.get('tool') ?? '') ? query.get('tool') : null;
  const narrowed = shown === 'stuck' ? { stuck: true } : shown === 'any' ? {} : { state: shown };
  const list = useList('jobs.list', { ...narrowed, ...(tool ? { tool } : {}) });
  const narrow = (next: Shown | null) => {
    const changed = new URLSearchParams(query);
    changed.delete('stuck');
    changed.delete('state');
    if (next === 'stuck') changed.set('stuck', 'true');
    else changed.set('state', next ?? 'any');
    setQuery(changed);
  };
  return (
    <Page title={text.title} lead={text.lead}>
      <search className="c-filters">
        <ChoiceFilter label={text.state} options={choices} value={shown} onChange={narrow} />
      </search>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(job) => job.id}
        empty={
          shown === 'needs_follow_up' ? (
            <Empty title={text.none} hint={text.noneHint} />
          ) : shown === 'stuck' ? (
            <Empty title={text.noneStuck} hint={text.noneStuckHint} />
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
          { key: 'state', header: text.state, width: 17, cell: (job) => <Stands job={job} /> },
          { key: 'why', header: text.why, cell: (job) => <Why job={job} /> },
          { key: 'since', header: text.since, width: 15, cell: (job) => <When at={job.queued_at} /> },
          { key: 'actions', header: t.common.actions, headerHidden: true, width: 19, cell: (job) => <JobActions job={job} compact /> },
        ]}
      />
    </Page>
  );
}

function Stands({ job }: { job: JobView }) {
  return (
    <>
      <JobStateLozenge job={job} />
      {job.alarm && (
        <div>
          <AlarmLozenge level={job.alarm} />
        </div>
      )}
    </>
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

/** One state, any, or the removals that are stuck. */
type Shown = JobState | 'any' | 'stuck';
const choices = optionsOf<Shown>({ any: text.anyState, stuck: text.stuckOnly, ...text.states });

/** What the address asks for; what needs somebody when it does not ask for anything that there is. */
function shownOf(query: URLSearchParams): Shown {
  const state = query.get('state') ?? '';
  if (query.get('stuck') === 'true') return 'stuck';
  if (state === 'any') return 'any';
  return state in text.states ? (state as JobState) : 'needs_follow_up';
}
