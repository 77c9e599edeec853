import type { Approvers, Conditions, Effect, Rule, StageRule } from '../api/types';
import { t } from '../messages';

/** Looks up names for the ids in rules. */
export interface RuleNames {
  group: (id: string) => string;
  person: (id: string) => string;
  tool: (id: string) => string;
}

const text = t.policy;

/** One rule as one sentence, for people who never see its typed form. */
export function sentenceOf(rule: Rule, names: RuleNames): string {
  return text.sentence(conditionsOf(rule.when, names), effectOf(rule.then, names));
}

function conditionsOf(when: Conditions, names: RuleNames): string {
  const { conditions } = text;
  const parts: string[] = [];
  if (when.new_tool === true) parts.push(conditions.newTool);
  if (when.new_tool === false) parts.push(conditions.knownTool);
  if (when.tools) parts.push(conditions.tools(t.common.either(when.tools.map(names.tool))));
  if (when.risks) parts.push(conditions.risks(t.common.either(when.risks.map((risk) => text.risks[risk]))));
  if (when.tags) parts.push(conditions.tags(t.common.either(when.tags.map((tag) => `“${tag}”`))));
  if (when.requester_groups) parts.push(conditions.requesterGroups(t.common.either(when.requester_groups.map(names.group))));
  if (when.any_data_class) parts.push(conditions.anyDataClass(t.common.either(when.any_data_class.map((each) => text.dataClasses[each]))));
  if (when.only_data_classes)
    parts.push(conditions.onlyDataClasses(t.common.either(when.only_data_classes.map((each) => text.dataClasses[each]))));
  if (when.longer_than != null) parts.push(conditions.longerThan(t.common.days(when.longer_than)));
  return parts.length === 0 ? text.always : text.when(t.common.list(parts));
}

function effectOf(then: Effect, names: RuleNames): string {
  switch (then.kind) {
    case 'deny':
      return text.effects.deny(then.reason);
    case 'auto_approve':
      return text.effects.autoApprove(t.common.days(then.max_days));
    case 'require_stages':
      return text.effects.stages(stagesOf(then.stages, names));
  }
}

/** Stages one after the other: “approval by a tool owner, then approval by the security group”. */
export function stagesOf(stages: readonly StageRule[], names: RuleNames): string {
  return stages.map((stage) => stageOf(stage, names)).join(text.effects.then);
}

function stageOf({ approvers, quorum }: StageRule, names: RuleNames): string {
  const who = (several: boolean) => approvers.map((each) => approversOf(each, several, names));
  if (quorum === 'any') return text.quorums.any(t.common.either(who(false)));
  if (quorum === 'all') return text.quorums.all(t.common.list(who(true)));
  return text.quorums.atLeast(quorum.at_least, t.common.list(who(true)));
}

function approversOf(approvers: Approvers, several: boolean, names: RuleNames): string {
  if (typeof approvers === 'string') return (several ? text.approversMany : text.approvers)[approvers];
  if ('group' in approvers) return text.approvers.group(names.group(approvers.group));
  return text.approvers.person(names.person(approvers.person));
}
