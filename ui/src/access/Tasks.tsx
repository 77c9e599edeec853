import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { JobView, Named } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Section } from '../shell/Page';
import { When } from '../shell/When';

const text = t.access;

/** Seats that somebody gives or takes by hand, and the confirmation that it was done. */
export function Tasks() {
  const list = useList('jobs.list', { state: 'queued' });
  // What is done at a provider is no task of a person's.
  const tasks = { ...list, items: list.items?.filter(isTask) };
  const [confirmed, setConfirmed] = useState<Task | null>(null);
  return (
    <Section title={text.tasks}>
      <p className="c-lead">{text.tasksLead}</p>
      <ListTable
        label={text.taskList}
        list={tasks}
        rowKey={(job) => job.id}
        empty={<Empty title={text.taskNone} hint={text.taskNoneHint} />}
        columns={[
          { key: 'task', header: text.taskWhat, width: 18, cell: (job) => text.taskKinds[job.task] },
          { key: 'person', header: text.person, width: 20, cell: (job) => job.person?.name },
          { key: 'tool', header: text.tool, width: 22, cell: (job) => <a href={`#/access/${job.grant}`}>{job.tool.name}</a> },
          { key: 'since', header: text.taskSince, width: 24, cell: (job) => <When at={job.queued_at} /> },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            cell: (job) =>
              job.may_attest && (
                <Button spacing="compact" aria-label={taskTitle(job)} onClick={() => setConfirmed(job)}>
                  {text.attest}
                </Button>
              ),
          },
        ]}
      />
      <ConfirmDialog job={confirmed} onClose={() => setConfirmed(null)} />
    </Section>
  );
}

/** A job that a named person does by hand for somebody. */
type Task = JobView & { person: Named };
const isTask = (job: JobView): job is Task => job.kind === 'manual' && job.person != null;

function taskTitle(job: Task): string {
  return text.confirmTask(text.taskKinds[job.task], job.tool.name, job.person.name);
}

function ConfirmDialog({ job, onClose }: { job: Task | null; onClose: () => void }) {
  const attest = useCommand('jobs.attest');
  const notice = useNotice();
  if (!job) return null;
  const why = job.task === 'provision' ? text.taskProvisionWhy : text.taskDeprovisionWhy;
  return (
    <CommandDialog
      isOpen
      title={text.attestTitle}
      submitLabel={text.attest}
      onSubmit={async () => {
        await attest.run({ job: job.id });
        notice(text.attested, taskTitle(job));
      }}
      onClose={onClose}
    >
      <p>{why(job.tool.name, job.person?.name ?? '')}</p>
    </CommandDialog>
  );
}
