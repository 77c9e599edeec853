import type { Approvers, DataClass, Effect, PutRule, Quorum, Risk, Rule, StageRule } from '../../api/types';
import { t } from '../../messages';
import type { Option } from '../../shell/fields';
import type { RuleNames } from '../sentences';

const text = t.ruleForm;

/** A stage as the form holds it. */
export interface StageForm {
  /** Tells stages apart while they are moved. */
  key: number;
  name: string;
  approvers: readonly Option[];
  quorum: 'any' | 'at_least' | 'all';
  count: string;
  /** Days; empty when nobody is reminded. */
  reminderDays: string;
  /** Days; empty when nobody is added. */
  escalateDays: string;
  escalateTo: readonly Option[];
  /** Days; empty when it waits as long as the request. */
  timeoutDays: string;
  /** Nobody lets the request lapse. */
  fallback: readonly Option[];
}

/** A rule as the form holds it: what is empty is no condition. */
export interface RuleForm {
  /** None for a new one. */
  id: string | null;
  name: string;
  tools: readonly Option[];
  risks: readonly Risk[];
  tags: readonly Option[];
  groups: readonly Option[];
  anyDataClass: readonly DataClass[];
  onlyDataClasses: readonly DataClass[];
  longerThan: string;
  newTool: 'either' | 'new' | 'known';
  effect: Effect['kind'];
  reason: string;
  maxDays: string;
  stages: readonly StageForm[];
}

let stagesMade = 0;

/** A stage that the tool's owners decide, as most first stages are. */
export function newStage(): StageForm {
  stagesMade += 1;
  const times = { reminderDays: '', escalateDays: '', escalateTo: [], timeoutDays: '', fallback: [] };
  return { key: stagesMade, name: '', approvers: [], quorum: 'any', count: '2', ...times };
}

/** What is filled in for a rule that does not exist yet. */
export function newRule(): RuleForm {
  return {
    id: null,
    name: '',
    tools: [],
    risks: [],
    tags: [],
    groups: [],
    anyDataClass: [],
    onlyDataClasses: [],
    longerThan: '',
    newTool: 'either',
    effect: 'require_stages',
    reason: '',
    maxDays: '30',
    stages: [newStage()],
  };
}

/** A rule for the form. */
export function formOf({ id, name, when, then }: Rule, names: RuleNames): RuleForm {
  const option = (label: (id: string) => string) => (value: string) => ({ value, label: label(value) });
  const form: RuleForm = {
    ...newRule(),
    id,
    name,
    tools: (when.tools ?? []).map(option(names.tool)),
    risks: when.risks ?? [],
    tags: (when.tags ?? []).map(option((tag) => tag)),
    groups: (when.requester_groups ?? []).map(option(names.group)),
    anyDataClass: when.any_data_class ?? [],
    onlyDataClasses: when.only_data_classes ?? [],
    longerThan: when.longer_than == null ? '' : String(when.longer_than),
    newTool: when.new_tool == null ? 'either' : when.new_tool ? 'new' : 'known',
    effect: then.kind,
  };
  switch (then.kind) {
    case 'deny':
      return { ...form, reason: then.reason };
    case 'auto_approve':
      return { ...form, maxDays: String(then.max_days) };
    case 'require_stages':
      return { ...form, stages: then.stages.map((stage) => stageFormOf(stage, names)) };
  }
}

function stageFormOf(stage: StageRule, names: RuleNames): StageForm {
  const { name, approvers, quorum, escalation } = stage;
  const options = (all: readonly Approvers[] | undefined) => (all ?? []).map((each) => approverOption(each, names));
  const days = (given: number | null | undefined) => (given == null ? '' : String(given));
  return {
    ...newStage(),
    name,
    approvers: options(approvers),
    quorum: typeof quorum === 'object' ? 'at_least' : quorum,
    count: typeof quorum === 'object' ? String(quorum.at_least) : '2',
    reminderDays: days(stage.reminder_days),
    escalateDays: days(escalation?.after_days),
    escalateTo: options(escalation?.approvers),
    timeoutDays: days(stage.timeout_days),
    fallback: options(stage.fallback),
  };
}

/** Whom a stage means, as an option of a list: `tool_owners`, `group:…`, `person:…`. */
export function approverOption(approvers: Approvers, names: RuleNames): Option {
  if (typeof approvers === 'string') return { value: approvers, label: text.roleNames[approvers] };
  if ('group' in approvers) return { value: `group:${approvers.group}`, label: names.group(approvers.group) };
  return { value: `person:${approvers.person}`, label: names.person(approvers.person) };
}

function approversOf({ value }: Option): Approvers {
  const [kind, id] = value.split(':');
  if (kind === 'group' && id) return { group: id };
  if (kind === 'person' && id) return { person: id };
  return value as Extract<Approvers, string>;
}

/** The rule that the form says. */
export function ruleOf(form: RuleForm): PutRule {
  return { ...(form.id ? { id: form.id } : {}), name: form.name.trim(), when: conditionsOf(form), then: effectOf(form) };
}

function conditionsOf(form: RuleForm): PutRule['when'] {
  const values = (options: readonly Option[]) => options.map(({ value }) => value);
  const given = <T>(name: string, items: readonly T[]) => (items.length > 0 ? { [name]: [...items] } : {});
  return {
    ...given('tools', values(form.tools)),
    ...given('risks', form.risks),
    ...given('tags', values(form.tags)),
    ...given('requester_groups', values(form.groups)),
    ...given('any_data_class', form.anyDataClass),
    ...given('only_data_classes', form.onlyDataClasses),
    ...(form.longerThan.trim() === '' ? {} : { longer_than: Number(form.longerThan) }),
    ...(form.newTool === 'either' ? {} : { new_tool: form.newTool === 'new' }),
  };
}

function effectOf(form: RuleForm): Effect {
  switch (form.effect) {
    case 'deny':
      return { kind: 'deny', reason: form.reason.trim() };
    case 'auto_approve':
      return { kind: 'auto_approve', max_days: Number(form.maxDays) };
    case 'require_stages':
      return { kind: 'require_stages', stages: form.stages.map(stageOf) };
  }
}

function stageOf(stage: StageForm): StageRule {
  const { name, approvers, quorum, count, reminderDays, escalateDays, escalateTo, timeoutDays, fallback } = stage;
  const wanted: Quorum = quorum === 'at_least' ? { at_least: Number(count) } : quorum;
  const days = (typed: string) => (typed.trim() === '' ? null : Number(typed));
  const escalate = days(escalateDays);
  return {
    name: name.trim(),
    approvers: approvers.map(approversOf),
    quorum: wanted,
    ...(days(reminderDays) === null ? {} : { reminder_days: days(reminderDays) }),
    ...(escalate === null ? {} : { escalation: { after_days: escalate, approvers: escalateTo.map(approversOf) } }),
    ...(days(timeoutDays) === null ? {} : { timeout_days: days(timeoutDays), fallback: fallback.map(approversOf) }),
  };
}

/** The names that the form knows, for its sentence. */
export function namesIn(form: RuleForm): RuleNames {
  const approvers = form.stages.flatMap((stage) => [...stage.approvers, ...stage.escalateTo, ...stage.fallback]);
  const find = (options: readonly Option[], prefix = '') => {
    const labels = new Map(options.map(({ value, label }) => [value, label]));
    return (id: string) => labels.get(prefix + id);
  };
  const [tool, group] = [find(form.tools), find(form.groups)];
  const [approvingGroup, person] = [find(approvers, 'group:'), find(approvers, 'person:')];
  return {
    tool: (id) => tool(id) ?? t.policy.someTool,
    group: (id) => group(id) ?? approvingGroup(id) ?? t.policy.unknownGroup,
    person: (id) => person(id) ?? t.policy.somePerson,
  };
}

const mostDays = 3650;
const mostApprovers = 8;
const mostApprovals = 255;

/** What is missing, by the name of the field; of stages `name-3` and so on, by their key. */
export function problemsOf(form: RuleForm): Record<string, string> {
  const problems: Record<string, string> = {};
  const wants = (field: string, label: string, value: string) => {
    if (value.trim() === '') problems[field] = t.errors.fillIn(label);
  };
  const wantsNumber = (field: string, value: string, most: number) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < 1 || number > most) problems[field] = t.errors.wholeNumber(1, most);
  };
  wants('name', text.name, form.name);
  if (form.longerThan.trim() !== '') wantsNumber('longerThan', form.longerThan, mostDays);
  if (form.effect === 'deny') wants('reason', text.reason, form.reason);
  if (form.effect === 'auto_approve') wantsNumber('maxDays', form.maxDays, mostDays);
  if (form.effect === 'require_stages') {
    if (form.stages.length === 0) problems.stages = text.atLeastOneStage;
    for (const stage of form.stages) {
      wants(`name-${stage.key}`, text.stageName, stage.name);
      if (stage.approvers.length === 0 || stage.approvers.length > mostApprovers)
        problems[`approvers-${stage.key}`] = text.approversMissing;
      if (stage.quorum === 'at_least') wantsNumber(`count-${stage.key}`, stage.count, mostApprovals);
      for (const field of ['reminderDays', 'escalateDays', 'timeoutDays'] as const) {
        if (stage[field].trim() !== '') wantsNumber(`${field}-${stage.key}`, stage[field], mostDays);
      }
      if (stage.escalateDays.trim() !== '' && stage.escalateTo.length === 0) problems[`escalateTo-${stage.key}`] = text.approversMissing;
    }
  }
  return problems;
}
