import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import Button from '@atlaskit/button/new';
import Textfield from '@atlaskit/textfield';
import { type ReactNode, useId, useState } from 'react';
import type { Effect, LintFinding, Rule } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { Findings } from './Findings';
import { type RuleNames, sentenceOf } from './sentences';
import type { Find } from './useFind';

const text = t.governance;
const colours: Record<Effect['kind'], ThemeAppearance> = { deny: 'removed', auto_approve: 'success', require_stages: 'inprogress' };

interface RulesProps {
  label: string;
  rules: readonly Rule[];
  names: RuleNames;
  /** What is wrong with them; each stands below its rule. */
  findings?: readonly LintFinding[];
  actionsOf?: (rule: Rule, place: number) => ReactNode;
  /** With it, rules of a long policy can be looked for. */
  find?: Find;
}

/** Rules shown at a time: with more the page would become slow. */
const page = 100;
/** From so many rules on they can be looked for by name. */
const many = 12;

/** Rules as sentences, in their order. */
export function Rules({ label, rules, names, findings = [], actionsOf, find }: RulesProps) {
  const [most, setMost] = useState(page);
  if (rules.length === 0) return <Empty title={text.noRules} hint={text.noRulesHint} />;
  const placed = rules.map((rule, place) => ({ rule, place }));
  const found = placed.filter(({ rule }) => !find || rule.name.toLowerCase().includes(find.text.trim().toLowerCase()));
  const shown = found.slice(0, most);
  return (
    <>
      {find && (rules.length >= many || find.text !== '') && <FindField find={find} />}
      <ol className="c-rules c-or" aria-label={label}>
        {shown.map(({ rule, place }) => (
          <li key={rule.id} id={cardOf(rule.id)} tabIndex={-1} className="c-card">
            <div className="c-rule-head">
              <div>
                <span className="c-subtle">{place + 1}</span>
                <strong className="c-any-break">{rule.name}</strong>
                <Lozenge appearance={colours[rule.then.kind]}>{t.policy.kinds[rule.then.kind]}</Lozenge>
              </div>
              {actionsOf && <div>{actionsOf(rule, place)}</div>}
            </div>
            <p className="c-any-break">{sentenceOf(rule, names)}</p>
            <Findings of={rule.name} findings={findings.filter((finding) => finding.rule === rule.id)} />
          </li>
        ))}
      </ol>
      {shown.length < rules.length && (
        <div className="c-more c-or">
          <span className="c-subtle" aria-live="polite">
            {text.rulesShown(shown.length, rules.length)}
          </span>
          {shown.length < found.length && <Button onClick={() => setMost(most + page)}>{t.common.showMore}</Button>}
        </div>
      )}
    </>
  );
}

function FindField({ find }: { find: Find }) {
  const id = useId();
  return (
    <search className="c-filters c-or">
      <div className="c-wide">
        <label htmlFor={id}>{text.findRule}</label>
        <Textfield id={id} type="search" value={find.text} onChange={(event) => find.type((event.target as HTMLInputElement).value)} />
      </div>
    </search>
  );
}

/** The id of a rule's card on the page, to jump to. */
export const cardOf = (rule: string) => `card-${rule}`;
