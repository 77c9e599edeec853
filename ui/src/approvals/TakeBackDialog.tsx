import { useCommand } from '../api/hooks';
import type { RequestView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { TextInputLong } from '../shell/fields';
import { useNotice } from '../shell/notice';
import { given } from './DecisionDialogs';

const text = t.approvals;

/** Takes an approval back: one's own while its stage is open, or the whole approval with the access that it gave. */
export function TakeBackDialog({ request, isOpen, onClose }: { request: RequestView; isOpen: boolean; onClose: () => void }) {
  const withdraw = useCommand('approvals.withdraw');
  const notice = useNotice();
  const approved = request.state === 'approved';
  return (
    <CommandDialog<{ rationale: string }>
      isOpen={isOpen}
      title={approved ? text.unapproveTitle(request.requester.name, request.tool.name) : text.withdrawTitle}
      submitLabel={text.withdraw}
      appearance="danger"
      onSubmit={async ({ rationale }) => {
        await withdraw.run({ request: request.id, ...given(rationale) });
        notice(text.withdrawn);
      }}
      onClose={onClose}
    >
      <p>{approved ? text.unapproveWhy : text.withdrawWhy}</p>
      <TextInputLong name="rationale" label={text.rationale} required={approved} />
    </CommandDialog>
  );
}
