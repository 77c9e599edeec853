import { useList } from '../../api/hooks';
import type { DataClass, Risk } from '../../api/types';
import { t } from '../../messages';
import { optionsOf } from '../../shell/filters';
import { ChoiceControl, FoundControl, TextControl, TicksControl, WordsControl } from './controls';
import { findGroups, findTools } from './find';
import type { RuleForm } from './ruleForm';

const text = t.ruleForm;
const risks = optionsOf<Risk>(t.policy.risks);
const dataClasses = optionsOf<DataClass>(t.policy.dataClasses);
const newTools = optionsOf(text.newTools);
const mostDays = 3650;

export interface PartProps {
  form: RuleForm;
  /** Changes some fields. */
  set: (over: Partial<RuleForm>) => void;
  /** What is missing, by the name of the field. */
  problems: Readonly<Record<string, string>>;
}

/** When the rule takes part. */
export function ConditionFields({ form, set, problems }: PartProps) {
  const tools = useList('catalog.list', {}, 100);
  const tags = [...new Set((tools.items ?? []).flatMap((tool) => tool.tags))].sort();
  return (
    <fieldset className="c-fieldset">
      <legend>{text.when}</legend>
      <p className="c-subtle">{text.lead}</p>
      <FoundControl
        label={text.tools}
        help={text.toolsHelp}
        placeholder={text.typeTool}
        find={findTools}
        value={form.tools}
        onChange={(value) => set({ tools: value })}
      />
      <div className="c-columns">
        <TicksControl legend={text.risks} options={risks} value={form.risks} onChange={(value) => set({ risks: value })} />
        <TicksControl
          legend={text.anyDataClass}
          options={dataClasses}
          value={form.anyDataClass}
          onChange={(value) => set({ anyDataClass: value })}
        />
        <TicksControl
          legend={text.onlyDataClasses}
          options={dataClasses}
          value={form.onlyDataClasses}
          onChange={(value) => set({ onlyDataClasses: value })}
        />
      </div>
      <WordsControl
        label={text.tags}
        help={text.tagsHelp}
        known={tags}
        create={text.newTag}
        value={form.tags}
        onChange={(value) => set({ tags: value })}
      />
      <FoundControl
        label={text.groups}
        help={text.groupsHelp}
        placeholder={text.typeTool}
        find={findGroups}
        value={form.groups}
        onChange={(value) => set({ groups: value })}
      />
      <div className="c-columns">
        <TextControl
          label={text.longerThan}
          help={text.longerThanHelp}
          number={[1, mostDays]}
          value={form.longerThan}
          error={problems.longerThan}
          onChange={(value) => set({ longerThan: value })}
        />
        <ChoiceControl label={text.newTool} options={newTools} value={form.newTool} onChange={(value) => set({ newTool: value })} />
      </div>
    </fieldset>
  );
}
