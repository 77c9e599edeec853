import SectionMessage from '@atlaskit/section-message';
import type { DataClass, SubmitRequest, ToolView } from '../api/types';
import { t } from '../messages';
import { Agree, CheckList, TextInput, TextInputLong } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { Section } from '../shell/Page';

const text = t.requests;

export interface AskValues {
  purpose: string;
  data_classes: readonly DataClass[];
  days: string;
  acknowledged?: boolean;
}

/** What a request for one tool says: purpose, data, duration, and that its usage policy was read. */
export function AskFields({ tool, initial }: { tool: ToolView; initial?: SubmitRequest }) {
  return (
    <>
      <Section title={text.yourRequest}>
        <TextInputLong
          name="purpose"
          label={text.purpose}
          help={`${text.purposeHelp} ${text.purposeExample}`}
          initial={initial?.purpose}
          required
        />
        <CheckList
          name="data_classes"
          legend={text.dataClasses}
          help={text.dataHelp}
          options={optionsOf(t.catalog.dataClassHelp).map((option) => ({
            ...option,
            disabled: !tool.data_classes.includes(option.value),
          }))}
          initial={initial?.data_classes}
          required
        />
        <TextInput
          name="days"
          label={text.daysField}
          help={text.daysHelp(tool.max_days)}
          type="number"
          min={1}
          max={tool.max_days}
          initial={String(initial?.days ?? tool.default_days)}
          check={(value) => (daysIn(value, tool.max_days) === null ? t.errors.wholeNumber(1, tool.max_days) : undefined)}
          required
        />
      </Section>
      {tool.usage_policy && (
        <Section title={t.catalog.usagePolicy}>
          <SectionMessage appearance="information">
            <p className="c-prose">{tool.usage_policy.text}</p>
          </SectionMessage>
          <Agree name="acknowledged" label={text.policyAgree(tool.usage_policy.version)} complaint={text.policyComplaint} required />
        </Section>
      )}
    </>
  );
}

export function daysIn(value: unknown, most: number): number | null {
  const days = Number(value);
  return Number.isInteger(days) && days >= 1 && days <= most ? days : null;
}

/** As the operations take it. */
export function askedOf(tool: ToolView, values: AskValues): SubmitRequest {
  return {
    tool: tool.id,
    purpose: values.purpose.trim(),
    data_classes: [...values.data_classes],
    days: Number(values.days),
    ...(tool.usage_policy && values.acknowledged ? { acknowledged: tool.usage_policy.version } : {}),
  };
}

/** Nothing when something that is needed is missing. */
export function completed(tool: ToolView, values: Partial<AskValues> | undefined): SubmitRequest | null {
  const complete =
    values?.purpose?.trim() &&
    values.data_classes?.length &&
    daysIn(values.days, tool.max_days) !== null &&
    (!tool.usage_policy || values.acknowledged);
  return complete ? askedOf(tool, values as AskValues) : null;
}
