import { useCommand } from '../api/hooks';
import type { RequestView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { TextInput, TextInputLong } from '../shell/fields';
import { useNotice } from '../shell/notice';

const text = t.approvals;

interface DialogProps {
  request: RequestView;
  isOpen: boolean;
  onClose: () => void;
}

/** One decision on one request, with its reason. */
export function DecideDialog({ request, decision, isOpen, onClose }: DialogProps & { decision: 'approve' | 'deny' }) {
  const decide = useCommand('approvals.decide');
  const notice = useNotice();
  const approve = decision === 'approve';
  const title = approve ? text.approveTitle : text.denyTitle;

  const submit = async ({ rationale, days }: { rationale: string; days?: string }) => {
    const shorter = days && Number(days) !== request.days ? { days: Number(days) } : {};
    const { request: decided } = await decide.run({ request: request.id, decision, ...given(rationale), ...(approve ? shorter : {}) });
    notice(!approve ? text.denied : decided.state === 'approved' ? text.approved : text.approvedMore);
  };
  const check = (value: string | undefined) => {
    const days = Number(value);
    return Number.isInteger(days) && days >= 1 && days <= request.days ? undefined : t.errors.wholeNumber(1, request.days);
  };

  return (
    <CommandDialog<{ rationale: string; days?: string }>
      isOpen={isOpen}
      title={title(request.requester.name, request.tool.name)}
      submitLabel={approve ? text.approve : text.deny}
      appearance={approve ? 'primary' : 'danger'}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="c-prose">{request.purpose}</p>
      {approve && (
        <TextInput
          name="days"
          label={text.daysShorter}
          help={text.daysShorterHelp(request.days)}
          type="number"
          min={1}
          max={request.days}
          initial={String(request.days)}
          check={check}
          required
        />
      )}
      <TextInputLong
        name="rationale"
        label={text.rationale}
        help={approve ? text.rationaleApproveHelp : text.rationaleDenyHelp}
        required={!approve}
      />
    </CommandDialog>
  );
}

/** A reason that was given; approving needs none. */
export function given(rationale: string): { rationale?: string } {
  return rationale.trim() ? { rationale: rationale.trim() } : {};
}

/** Sends the request back with a question. */
export function AskDialog({ request, isOpen, onClose }: DialogProps) {
  const ask = useCommand('approvals.ask');
  const notice = useNotice();
  return (
    <CommandDialog<{ question: string }>
      isOpen={isOpen}
      title={text.askTitle(request.requester.name)}
      submitLabel={text.questionSubmit}
      onSubmit={async ({ question }) => {
        await ask.run({ request: request.id, question: question.trim() });
        notice(text.asked);
      }}
      onClose={onClose}
    >
      <p className="c-prose">{request.purpose}</p>
      <TextInputLong name="question" label={text.question} help={text.questionHelp} required />
    </CommandDialog>
  );
}
