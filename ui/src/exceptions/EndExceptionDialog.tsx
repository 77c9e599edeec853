import { useCommand } from '../api/hooks';
import type { ExceptionView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { useNotice } from '../shell/notice';

const text = t.exceptions;

/** Ends an exception before its date. */
export function EndExceptionDialog({ exception, onClose }: { exception: ExceptionView; onClose: () => void }) {
  const end = useCommand('exceptions.end');
  const notice = useNotice();
  const which = exception.exception ? { exception: exception.exception } : { finding: exception.finding };
  return (
    <CommandDialog
      isOpen
      title={text.endTitle}
      submitLabel={text.end}
      appearance="danger"
      onSubmit={async () => {
        await end.run(which);
        notice(text.endedNow);
      }}
      onClose={onClose}
    >
      <p>
        <strong>
          {text.kinds[exception.kind]}: {exception.person?.name ?? text.unknownAccount}, {exception.tool.name}
        </strong>
      </p>
      <p>{exception.kind === 'person' ? text.endPerson : text.endMember}</p>
    </CommandDialog>
  );
}
