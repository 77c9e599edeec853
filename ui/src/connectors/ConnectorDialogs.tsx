import { useCommand } from '../api/hooks';
import type { Output } from '../api/operations';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { useNotice } from '../shell/notice';

const text = t.connectors;
type Known = Output<'connectors.get'>;

interface DialogProps {
  known: Known;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks before a connector is disabled, with what that means for access that goes through it. */
export function DisableDialog({ known, isOpen, onClose }: DialogProps) {
  const disable = useCommand('connectors.disable');
  const notice = useNotice();
  const { connector, grants, removals_due: removals } = known;
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.disableTitle(connector.name)}
      submitLabel={text.disable}
      appearance="danger"
      onSubmit={async () => {
        await disable.run({ connector: connector.id });
        notice(text.disabled(connector.name));
      }}
      onClose={onClose}
    >
      <p>{text.disableWhy}</p>
      <ul>
        <li>{grants.count > 0 ? text.disableGrants(text.accesses(grants.count, grants.more)) : text.disableNoGrants}</li>
        <li>{removals.count > 0 ? text.disableRemovals(text.removals(removals.count, removals.more)) : text.disableNoRemovals}</li>
        <li>{text.disableNew}</li>
      </ul>
    </CommandDialog>
  );
}

export function EnableDialog({ known, isOpen, onClose }: DialogProps) {
  const enable = useCommand('connectors.enable');
  const notice = useNotice();
  const { connector } = known;
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.enableTitle(connector.name)}
      submitLabel={text.enable}
      onSubmit={async () => {
        await enable.run({ connector: connector.id });
        notice(text.enabled(connector.name));
      }}
      onClose={onClose}
    >
      <p>{text.enableWhy}</p>
    </CommandDialog>
  );
}

export function RotateDialog({ known, isOpen, onClose }: DialogProps) {
  const rotate = useCommand('connectors.rotate_key');
  const notice = useNotice();
  const certificate = known.connector.provider.kind === 'entra';
  return (
    <CommandDialog
      isOpen={isOpen}
      title={certificate ? text.rotateTitleCertificate : text.rotateTitle}
      submitLabel={certificate ? text.rotateCertificate : text.rotate}
      onSubmit={async () => {
        await rotate.run({ connector: known.connector.id });
        notice(text.rotated);
      }}
      onClose={onClose}
    >
      <p>{text.rotateWhy}</p>
    </CommandDialog>
  );
}
