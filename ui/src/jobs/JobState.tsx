import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import type { JobState, JobView } from '../api/types';
import { t } from '../messages';

const text = t.jobs;
const colours: Record<JobState, ThemeAppearance> = {
  queued: 'new',
  running: 'inprogress',
  waiting_retry: 'moved',
  needs_follow_up: 'removed',
  succeeded: 'success',
  cancelled: 'default',
};

/** Where a job stands. A held one waits for a person, which is more than waiting. */
export function JobStateLozenge({ job }: { job: Pick<JobView, 'state' | 'held'> }) {
  if (job.held && job.state === 'queued') return <Lozenge appearance="moved">{text.held}</Lozenge>;
  const state = job.state as JobState;
  return <Lozenge appearance={colours[state] ?? 'default'}>{text.states[state] ?? job.state}</Lozenge>;
}

/** A job in a phrase, as buttons and dialogs name it. */
export const phraseOf = (job: JobView): string => text.taskOf(text.tasks[job.task], job.person?.name ?? null, job.tool.name);
