import { useLocation } from 'wouter';
import { useCommand } from '../api/hooks';
import type { DataClass, ToolView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Agree, CheckList, TextInput, TextInputLong } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { useNotice } from '../shell/notice';

const text = t.emergency;

interface Values {
  incident: string;
  purpose: string;
  data_classes: readonly DataClass[];
  acknowledged?: boolean;
}

/** Takes a tool at once, during an incident. */
export function EmergencyDialog({ tool, isOpen, onClose }: { tool: ToolView; isOpen: boolean; onClose: () => void }) {
  const take = useCommand('emergency.request');
  const notice = useNotice();
  const [, navigate] = useLocation();
  const policy = tool.usage_policy;
  return (
    <CommandDialog<Values>
      isOpen={isOpen}
      title={text.takeTitle(tool.name)}
      submitLabel={text.takeNow}
      appearance="danger"
      onSubmit={async (values) => {
        const { grant } = await take.run({
          tool: tool.id,
          incident: values.incident.trim(),
          purpose: values.purpose.trim(),
          data_classes: [...values.data_classes],
          ...(policy && values.acknowledged ? { acknowledged: policy.version } : {}),
        });
        notice(text.taken);
        navigate(`/access/${grant.id}`);
      }}
      onClose={onClose}
    >
      <p>{text.takeWhy}</p>
      <TextInput name="incident" label={text.incident} help={text.incidentHelp} required />
      <TextInputLong name="purpose" label={text.purpose} required />
      <CheckList
        name="data_classes"
        legend={text.dataClasses}
        options={optionsOf(t.catalog.dataClassHelp).map((option) => ({ ...option, disabled: !tool.data_classes.includes(option.value) }))}
        required
      />
      {policy && (
        <>
          <p className="c-prose">{policy.text}</p>
          <Agree name="acknowledged" label={t.requests.policyAgree(policy.version)} complaint={t.requests.policyComplaint} required />
        </>
      )}
    </CommandDialog>
  );
}
