import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand } from '../api/hooks';
import type { Output } from '../api/operations';
import type { DraftView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { TextInput } from '../shell/fields';
import { useNotice } from '../shell/notice';
import { countsInWords } from './RuleChanges';
import { Looking, needsSecond, Widening } from './Verdict';

const text = t.drafts;

interface PublishProps {
  draft: DraftView;
  lint: Output<'policies.lint'> | undefined;
}

/** Publishes the draft. Whether that needs a second administrator is said before it is done. */
export function PublishDraft({ draft, lint }: PublishProps) {
  const [open, setOpen] = useState(false);
  const [, navigate] = useLocation();
  const publish = useCommand('policies.publish');
  const notice = useNotice();
  const next = draft.active + 1;
  const proposes = lint?.widening != null && needsSecond(lint.widening);
  const hasErrors = lint?.findings.some(({ severity }) => severity === 'error') ?? false;

  const submit = async ({ note }: { note: string }) => {
    const { policy } = await publish.run({ version: draft.version, ...(note.trim() ? { note: note.trim() } : {}) });
    notice(policy ? text.published(policy.number) : text.proposalMade);
    navigate('/governance');
  };
  return (
    <>
      <Button appearance="primary" onClick={() => setOpen(true)}>
        {text.publish}
      </Button>
      <CommandDialog<{ note: string }>
        isOpen={open}
        title={proposes ? text.proposeTitle(next) : text.publishTitle(next)}
        submitLabel={proposes ? text.proposeSubmit : text.publishSubmit}
        isIncomplete={!lint || hasErrors}
        onSubmit={submit}
        onClose={() => setOpen(false)}
      >
        {!lint && <Looking />}
        {hasErrors && (
          <SectionMessage appearance="error" title={text.errorsFirst}>
            <p>{text.errorsStop}</p>
          </SectionMessage>
        )}
        <p>
          {text.whatChanges}: {countsInWords(draft.difference)}.
        </p>
        {lint?.widening && <Widening widening={lint.widening} />}
        {!proposes && <p>{text.publishWhy}</p>}
        <TextInput name="note" label={text.noteLabel} help={text.noteHelp} />
      </CommandDialog>
    </>
  );
}

/** Throws the draft away. */
export function DiscardDraft({ draft }: { draft: DraftView }) {
  const [open, setOpen] = useState(false);
  const discard = useCommand('policies.discard_draft');
  const notice = useNotice();
  return (
    <>
      <Button appearance="subtle" onClick={() => setOpen(true)}>
        {text.discard}
      </Button>
      <CommandDialog
        isOpen={open}
        title={text.discardTitle}
        submitLabel={text.discard}
        appearance="danger"
        onSubmit={async () => {
          await discard.run({ version: draft.version });
          notice(text.discarded);
        }}
        onClose={() => setOpen(false)}
      >
        <p>
          {text.whatChanges}: {countsInWords(draft.difference)}.
        </p>
        <p>{text.discardWhy}</p>
      </CommandDialog>
    </>
  );
}
