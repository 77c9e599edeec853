import Button from '@atlaskit/button/new';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { EmergencyView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Empty } from '../shell/Empty';
import { Choice, type Option, TextInputLong } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { More } from '../shell/ListTable';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Facts, Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';

const text = t.emergency;

type State = keyof typeof text.states;
type Verdict = keyof typeof text.verdicts;

const colours: Record<State, ThemeAppearance> = { open: 'moved', noted: 'inprogress', reviewed: 'success' };

/** Emergency access: one's own, that of one's tools, and all for administrators and auditors. */
export default function EmergencyPage() {
  const list = useList('emergency.list', {});
  return (
    <Page title={text.title} lead={text.lead}>
      {list.error && !list.items && <Problem error={list.error} onRetry={list.retry} />}
      {!list.error && !list.items && <LoadingRows label={t.common.loading(text.list)} />}
      {list.items?.length === 0 && <Empty title={text.none} hint={text.noneHint} />}
      {list.items && list.items.length > 0 && (
        <>
          <ul className="c-rules c-or" aria-label={text.list}>
            {list.items.map((emergency) => (
              <Emergency key={emergency.id} emergency={emergency} />
            ))}
          </ul>
          <More list={list} />
        </>
      )}
    </Page>
  );
}

function Emergency({ emergency }: { emergency: EmergencyView }) {
  const [open, setOpen] = useState<'note' | 'review' | null>(null);
  const close = () => setOpen(null);
  const state = emergency.state as State;
  return (
    <li className="c-card">
      <div className="c-actions">
        <strong>
          {emergency.person.name} · {emergency.tool.name}
        </strong>
        <Lozenge appearance={colours[state] ?? 'default'}>{text.states[state] ?? state}</Lozenge>
        {emergency.overdue && <Lozenge appearance="removed">{text.overdue}</Lozenge>}
      </div>
      <Facts
        rows={[
          [text.incident, emergency.incident],
          [text.at, <When at={emergency.at} />],
          [text.noteDue, emergency.state === 'open' ? <When at={emergency.note_due} relative /> : null],
          [text.noteText, emergency.note],
          [text.reviewDue, emergency.state === 'noted' ? <When at={emergency.review_due} relative /> : null],
          [text.verdict, emergency.verdict ? text.verdicts[emergency.verdict] : null],
          [text.reviewedBy, emergency.reviewed_by?.name],
          [text.reason, emergency.reason],
        ]}
      />
      {(emergency.may_note || emergency.may_review) && (
        <div className="c-actions">
          {emergency.may_note && (
            <Button appearance="primary" onClick={() => setOpen('note')}>
              {text.note}
            </Button>
          )}
          {emergency.may_review && (
            <Button appearance="primary" onClick={() => setOpen('review')}>
              {text.review}
            </Button>
          )}
        </div>
      )}
      <NoteDialog emergency={emergency} isOpen={open === 'note'} onClose={close} />
      <ReviewDialog emergency={emergency} isOpen={open === 'review'} onClose={close} />
    </li>
  );
}

interface DialogProps {
  emergency: EmergencyView;
  isOpen: boolean;
  onClose: () => void;
}

function NoteDialog({ emergency, isOpen, onClose }: DialogProps) {
  const write = useCommand('emergency.note');
  const notice = useNotice();
  return (
    <CommandDialog<{ note: string }>
      isOpen={isOpen}
      title={text.noteTitle}
      submitLabel={text.note}
      onSubmit={async ({ note }) => {
        await write.run({ emergency: emergency.id, note: note.trim() });
        notice(text.noted);
      }}
      onClose={onClose}
    >
      <TextInputLong name="note" label={text.noteField} required />
    </CommandDialog>
  );
}

function ReviewDialog({ emergency, isOpen, onClose }: DialogProps) {
  const review = useCommand('emergency.review');
  const notice = useNotice();
  return (
    <CommandDialog<{ verdict: Option<Verdict>; reason: string }>
      isOpen={isOpen}
      title={text.reviewTitle}
      submitLabel={text.review}
      onSubmit={async ({ verdict, reason }) => {
        await review.run({ emergency: emergency.id, verdict: verdict.value, reason: reason.trim() });
        notice(text.reviewed);
      }}
      onClose={onClose}
    >
      <Choice name="verdict" label={text.verdict} options={optionsOf(text.verdicts)} required />
      <TextInputLong name="reason" label={text.reason} required />
    </CommandDialog>
  );
}
