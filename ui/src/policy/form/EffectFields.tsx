import { t } from '../../messages';
import { optionsOf } from '../../shell/filters';
import type { PartProps } from './ConditionFields';
import { ChoiceControl, TextControl } from './controls';
import { StageFields } from './StageFields';

const text = t.ruleForm;
const effects = optionsOf(text.effects);
const mostDays = 3650;

/** What the rule does. */
export function EffectFields({ form, set, problems }: PartProps) {
  return (
    <fieldset className="c-fieldset">
      <legend>{text.then}</legend>
      <ChoiceControl label={text.effect} options={effects} value={form.effect} onChange={(value) => set({ effect: value })} />
      {form.effect === 'deny' && (
        <TextControl
          label={text.reason}
          help={text.reasonHelp}
          value={form.reason}
          error={problems.reason}
          onChange={(value) => set({ reason: value })}
          required
        />
      )}
      {form.effect === 'auto_approve' && (
        <TextControl
          label={text.maxDays}
          help={text.maxDaysHelp}
          number={[1, mostDays]}
          value={form.maxDays}
          error={problems.maxDays}
          onChange={(value) => set({ maxDays: value })}
          required
        />
      )}
      {form.effect === 'require_stages' && <StageFields form={form} set={set} problems={problems} />}
    </fieldset>
  );
}
