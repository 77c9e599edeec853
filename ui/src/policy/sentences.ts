import type { Approvers, Conditions, Effect, Mentioned, Outcome, Rule, StageRule } from '../api/types';
import { t } from '../messages';

/** Looks up names for the ids in rules. */
export interface RuleNames {
  group: (id: string) => string;
  person: (id: string) => string;
  tool: (id: string) => string;
}

const text = t.policy;

/** The names that answers brought along. */
export function namesOf(...answers: readonly (Mentioned | null | undefined)[]): RuleNames {
  const find = (kind: keyof Mentioned, otherwise: string) => {
    const names = new Map(answers.flatMap((answer) => answer?.[kind] ?? []).map(({ id, name }) => [id as string, name]));
    return (id: string) => names.get(id) ?? otherwise;
  };
  return { group: find('groups', text.unknownGroup), person: find('people', text.somePerson), tool: find('tools', text.someTool) };
}

/** One rule as one sentence, for people who never see its typed form. */
export function sentenceOf(rule: Pick<Rule, 'when' | 'then'>, names: RuleNames): string {
  return text.sentence(conditionsOf(rule.when, names), effectOf(rule.then, names));
}

/** Any of these; a rule that came from a file may name none, and then never matches. */
const either = (words: readonly string[]) => t.common.either(words) || text.nothing;

function conditionsOf(when: Conditions, names: RuleNames): string {
  const { conditions } = text;
  const parts: string[] = [];
  if (when.new_tool === true) parts.push(conditions.newTool);
  if (when.new_tool === false) parts.push(conditions.knownTool);
  if (when.tools) parts.push(conditions.tools(either(when.tools.map(names.tool))));
  if (when.risks) parts.push(conditions.risks(either(when.risks.map((risk) => text.risks[risk]))));
  if (when.tags) parts.push(conditions.tags(either(when.tags.map((tag) => `“${tag}”`))));
  if (when.requester_groups) parts.push(conditions.requesterGroups(either(when.requester_groups.map(names.group))));
  if (when.any_data_class) parts.push(conditions.anyDataClass(either(when.any_data_class.map((each) => text.dataClasses[each]))));
  if (when.only_data_classes) parts.push(conditions.onlyDataClasses(either(when.only_data_classes.map((each) => text.dataClasses[each]))));
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

/** What an evaluation says, on its own: “Needs approval by a tool owner”. */
export function outcomeOf(outcome: Outcome, names: RuleNames): string {
  switch (outcome.kind) {
    case 'denied':
      return text.outcome.denied(reasonsOf(outcome.reasons));
    case 'auto_approved':
      return text.outcome.auto_approved(t.common.days(outcome.max_days));
    case 'stages':
      return text.outcome.stages(stagesOf(outcome.stages, names));
  }
}

const mostReasons = 3;

/** Many rules may deny the same request; the first few say enough. */
function reasonsOf(reasons: readonly string[]): string {
  const more = reasons.length - mostReasons;
  return reasons.slice(0, mostReasons).join('; ') + (more > 0 ? text.outcome.moreReasons(more) : '');
}

/** Stages one after the other: “approval by a tool owner, then approval by the security group”. */
function stagesOf(stages: readonly StageRule[], names: RuleNames): string {
  return stages.map((stage) => stageOf(stage, names)).join(text.effects.then);
}

function stageOf(stage: StageRule, names: RuleNames): string {
  const times = timesOf(stage, names);
  return askedOf(stage, names) + (times.length > 0 ? ` (${t.common.list(times)})` : '');
}

/** What it does when nobody decides. */
function timesOf({ reminder_days, escalation, timeout_days, fallback }: StageRule, names: RuleNames): string[] {
  const who = (approvers: readonly Approvers[]) =>
    t.common.either(approvers.map((each) => approversOf(each, false, names))) || text.nobodyYet;
  const parts: string[] = [];
  if (reminder_days != null) parts.push(text.times.remind(t.common.days(reminder_days)));
  if (escalation) parts.push(text.times.escalate(t.common.days(escalation.after_days), who(escalation.approvers)));
  if (timeout_days != null) {
    const days = t.common.days(timeout_days);
    parts.push(fallback && fallback.length > 0 ? text.times.fallback(days, who(fallback)) : text.times.lapse(days));
  }
  return parts;
}

function askedOf({ approvers, quorum }: StageRule, names: RuleNames): string {
  // A form that is being filled in may name nobody yet.
  const who = (several: boolean) => (approvers.length > 0 ? approvers.map((each) => approversOf(each, several, names)) : [text.nobodyYet]);
  if (quorum === 'any') return text.quorums.any(t.common.either(who(false)));
  if (quorum === 'all') return text.quorums.all(t.common.list(who(true)));
  return text.quorums.atLeast(quorum.at_least, t.common.list(who(true)));
}

function approversOf(approvers: Approvers, several: boolean, names: RuleNames): string {
  if (typeof approvers === 'string') return (several ? text.approversMany : text.approvers)[approvers];
  if ('group' in approvers) return text.approvers.group(names.group(approvers.group));
  return text.approvers.person(names.person(approvers.person));
}
