import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import type { JobView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { useNotice } from '../shell/notice';
import { Problem } from '../shell/problems';
import { phraseOf } from './JobState';

const text = t.jobs;

/** The buttons for one job: exactly those that the server says this person may press. */
export function JobActions({ job, compact = false }: { job: JobView; compact?: boolean }) {
  const [asking, setAsking] = useState<'attest' | 'cancel' | null>(null);
  const [error, setError] = useState<unknown>(null);
  const retry = useCommand('jobs.retry');
  const notice = useNotice();
  const spacing = compact ? 'compact' : 'default';
  const what = phraseOf(job);
  const tryAgain = () => {
    setError(null);
    retry.run({ job: job.id }).then(() => notice(text.retried, what), setError);
  };
  return (
    <>
      <div className="c-actions">
        {job.may_retry && (
          <Button spacing={spacing} appearance="primary" aria-label={text.retryOf(what)} onClick={tryAgain} isLoading={retry.busy}>
            {text.retry}
          </Button>
        )}
        {job.may_attest && (
          <Button spacing={spacing} aria-label={text.attestOf(what)} onClick={() => setAsking('attest')}>
            {text.attest}
          </Button>
        )}
        {job.may_cancel && (
          <Button spacing={spacing} appearance="subtle" aria-label={text.cancelOf(what)} onClick={() => setAsking('cancel')}>
            {text.cancel}
          </Button>
        )}
      </div>
      {error !== null && <Problem error={error} />}
      <AttestDialog job={job} isOpen={asking === 'attest'} onClose={() => setAsking(null)} />
      <CancelDialog job={job} isOpen={asking === 'cancel'} onClose={() => setAsking(null)} />
    </>
  );
}

interface DialogProps {
  job: JobView;
  isOpen: boolean;
  onClose: () => void;
}

function AttestDialog({ job, isOpen, onClose }: DialogProps) {
  const attest = useCommand('jobs.attest');
  const notice = useNotice();
  const person = job.person?.name ?? '';
  const why = {
    provision: text.attestProvision(person, job.tool.name),
    deprovision: text.attestDeprovision(person, job.tool.name),
  };
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.attestTitle}
      submitLabel={text.attest}
      onSubmit={async () => {
        await attest.run({ job: job.id });
        notice(text.attested, phraseOf(job));
      }}
      onClose={onClose}
    >
      <p>{why[job.task]}</p>
    </CommandDialog>
  );
}

function CancelDialog({ job, isOpen, onClose }: DialogProps) {
  const cancel = useCommand('jobs.cancel');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.cancelTitle}
      submitLabel={text.cancel}
      appearance="danger"
      onSubmit={async () => {
        await cancel.run({ job: job.id });
        notice(text.cancelled, phraseOf(job));
      }}
      onClose={onClose}
    >
      <p>{text.cancelWhy}</p>
    </CommandDialog>
  );
}
