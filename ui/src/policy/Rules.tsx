import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import type { ReactNode } from 'react';
import type { Effect, LintFinding, Rule } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { Findings } from './Findings';
import { type RuleNames, sentenceOf } from './sentences';

const text = t.governance;
const colours: Record<Effect['kind'], ThemeAppearance> = { deny: 'removed', auto_approve: 'success', require_stages: 'inprogress' };

interface RulesProps {
  label: string;
  rules: readonly Rule[];
  names: RuleNames;
  /** What is wrong with them; each stands below its rule. */
  findings?: readonly LintFinding[];
  actionsOf?: (rule: Rule, place: number) => ReactNode;
}

/** Rules as sentences, in their order. */
export function Rules({ label, rules, names, findings = [], actionsOf }: RulesProps) {
  if (rules.length === 0) return <Empty title={text.noRules} hint={text.noRulesHint} />;
  return (
    <ol className="c-rules c-or" aria-label={label}>
      {rules.map((rule, place) => (
        <li key={rule.id} id={cardOf(rule.id)} tabIndex={-1} className="c-card">
          <div className="c-rule-head">
            <div className="c-actions">
              <span className="c-subtle">{place + 1}</span>
              <strong className="c-any-break">{rule.name}</strong>
              <Lozenge appearance={colours[rule.then.kind]}>{t.policy.kinds[rule.then.kind]}</Lozenge>
            </div>
            {actionsOf && <div className="c-actions">{actionsOf(rule, place)}</div>}
          </div>
          <p className="c-any-break">{sentenceOf(rule, names)}</p>
          <Findings of={rule.name} findings={findings.filter((finding) => finding.rule === rule.id)} />
        </li>
      ))}
    </ol>
  );
}

/** The id of a rule's card on the page, to jump to. */
export const cardOf = (rule: string) => `card-${rule}`;
