// A validator that administrators may add to a workflow's transition: the issue is completed only after its request is settled.
import { run } from '../operation/run';
import { report } from '../report';

export interface Verdict {
  result: boolean;
  errorMessage?: string;
}

/** Whoever asks learns no more than whether it may be completed. When that cannot be told, it may not. */
export async function mayComplete(event: { issue?: { id?: string | number } }): Promise<Verdict> {
  const id = event.issue?.id;
  if (id === undefined) {
    report('event_ignored', { code: 'malformed' });
    return { result: false, errorMessage: 'AI Clearance could not tell which issue this is.' };
  }
  const outcome = await run('issues.may_complete', 'system', { issue: String(id) });
  if (!('ok' in outcome)) return { result: false, errorMessage: 'AI Clearance does not answer now. Try again in a minute.' };
  const { may_complete } = outcome.ok as { may_complete?: boolean };
  if (may_complete === true) return { result: true };
  return { result: false, errorMessage: 'The request for an AI tool behind this issue is not settled yet. AI Clearance shows whom it waits for.' };
}
