import { useCommand } from '../api/hooks';
import type { RequestView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { TextInputLong } from '../shell/fields';
import { useNotice } from '../shell/notice';

const text = t.requests;

interface DialogProps {
  request: RequestView;
  isOpen: boolean;
  onClose: () => void;
}

export function WithdrawDialog({ request, isOpen, onClose }: DialogProps) {
  const cancel = useCommand('requests.cancel');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.withdrawTitle}
      submitLabel={text.withdraw}
      appearance="danger"
      onSubmit={async () => {
        await cancel.run({ request: request.id });
        notice(text.withdrawn);
      }}
      onClose={onClose}
    >
      <p>{text.withdrawWhy}</p>
    </CommandDialog>
  );
}

/** Turns the seat that is kept for the request into access. */
export function AcceptSeatDialog({ request, isOpen, onClose }: DialogProps) {
  const accept = useCommand('seats.accept');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.acceptSeatTitle}
      submitLabel={text.acceptSeat}
      onSubmit={async () => {
        await accept.run({ request: request.id });
        notice(text.seatAccepted);
      }}
      onClose={onClose}
    >
      <p>{text.acceptSeatWhy(request.tool.name)}</p>
    </CommandDialog>
  );
}

/** Gives up a place in the waiting list, or the seat that is kept. */
export function DeclineSeatDialog({ request, isOpen, onClose }: DialogProps) {
  const decline = useCommand('seats.decline');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.declineSeatTitle}
      submitLabel={text.declineSeat}
      appearance="danger"
      onSubmit={async () => {
        await decline.run({ request: request.id });
        notice(text.seatDeclined);
      }}
      onClose={onClose}
    >
      <p>{text.declineSeatWhy}</p>
    </CommandDialog>
  );
}

export function AnswerDialog({ request, isOpen, onClose }: DialogProps) {
  const provide = useCommand('requests.provide_information');
  const notice = useNotice();
  const asked = request.exchanges.at(-1);
  return (
    <CommandDialog<{ answer: string }>
      isOpen={isOpen}
      title={text.answerTitle}
      submitLabel={text.answer}
      onSubmit={async ({ answer }) => {
        await provide.run({ request: request.id, answer: answer.trim() });
        notice(text.answered);
      }}
      onClose={onClose}
    >
      {asked && (
        <>
          <strong>{text.asked(asked.asked_by.name)}</strong>
          <p className="c-prose">{asked.question}</p>
        </>
      )}
      <TextInputLong name="answer" label={text.answerField} required />
    </CommandDialog>
  );
}
