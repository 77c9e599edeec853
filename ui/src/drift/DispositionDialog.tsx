import { useCommand } from '../api/hooks';
import type { DispositionKind, FindingView } from '../api/types';
import { t } from '../messages';
import { PersonChoice } from '../people/PersonChoice';
import { CommandDialog } from '../shell/CommandDialog';
import { type Option, TextInput, TextInputLong } from '../shell/fields';
import { useNotice } from '../shell/notice';
import { dispositionHelp, dispositionLabel, whoOf } from './finding';

const text = t.drift;

/** Days to begin with, and the most, for the dispositions that have an end. */
const ends: Partial<Record<DispositionKind, { usual: number; most: number }>> = {
  retro_request: { usual: 14, most: 30 },
  exception: { usual: 90, most: 365 },
  baseline: { usual: 90, most: 365 },
};

/** What the fields of a disposition hold. */
export interface DispositionValues {
  reason: string;
  owner?: Option;
  days?: string;
}

export interface Chosen {
  finding: FindingView;
  kind: DispositionKind;
}

/** Settles a finding: with a reason always, and with somebody who answers for it until an end where the membership stays. */
export function DispositionDialog({ chosen, onClose }: { chosen: Chosen | null; onClose: () => void }) {
  if (!chosen) return null;
  return <OpenDialog key={`${chosen.finding.id} ${chosen.kind}`} chosen={chosen} onClose={onClose} />;
}

function OpenDialog({ chosen: { finding, kind }, onClose }: { chosen: Chosen; onClose: () => void }) {
  const dispose = useCommand('drift.dispose');
  const notice = useNotice();
  const label = dispositionLabel(finding, kind);
  return (
    <CommandDialog<DispositionValues>
      isOpen
      title={text.disposeTitle(label)}
      submitLabel={label}
      appearance={kind === 'removal' ? 'danger' : 'primary'}
      onSubmit={async (values) => {
        const { finding: now, proposal } = await dispose.run({
          finding: finding.id,
          disposition: dispositionOf(kind, values),
        });
        notice(proposal ? text.proposed : now.state === 'settled' ? text.settled : text.begun);
      }}
      onClose={onClose}
    >
      <p>
        <strong>
          {text.kinds[finding.kind]}: {whoOf(finding)}, {finding.tool.name}
        </strong>
      </p>
      <p>{dispositionHelp(finding, kind)}</p>
      <DispositionFields kind={kind} />
    </CommandDialog>
  );
}

/** Whether somebody answers for what stays: then another administrator has to agree. */
export const isAnswered = (kind: DispositionKind) => kind === 'exception' || kind === 'baseline';

/** What the operation takes, from the fields. */
export function dispositionOf(kind: DispositionKind, { reason, owner, days }: DispositionValues) {
  return {
    kind,
    reason: reason.trim(),
    ...(isAnswered(kind) ? { owner: owner?.value } : {}),
    ...(ends[kind] ? { days: Number(days) } : {}),
  };
}

/** A reason always; who answers for it and until when, where the membership stays. */
export function DispositionFields({ kind }: { kind: DispositionKind }) {
  const end = ends[kind];
  return (
    <>
      {isAnswered(kind) && <p>{text.needsSecond}</p>}
      <TextInputLong name="reason" label={text.reason} help={text.reasonHelp} rows={2} required />
      {isAnswered(kind) && <PersonChoice name="owner" label={text.owner} help={text.ownerHelp} required />}
      {end && (
        <TextInput
          name="days"
          label={text.days}
          type="number"
          min={1}
          max={end.most}
          initial={String(end.usual)}
          check={(value) => {
            const days = Number(value);
            return Number.isInteger(days) && days >= 1 && days <= end.most ? undefined : t.errors.wholeNumber(1, end.most);
          }}
          required
        />
      )}
    </>
  );
}
