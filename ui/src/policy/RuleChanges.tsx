import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import type { ReactNode } from 'react';
import type { Difference, Rule } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { type RuleNames, sentenceOf } from './sentences';
import { compareWords } from './words';

const text = t.governance;

type Kind = 'added' | 'changed' | 'removed';
const colours: Record<Kind, ThemeAppearance> = { added: 'new', changed: 'moved', removed: 'removed' };

/** One rule that differs; `before` and `after` as far as there is one. */
export interface RuleChange {
  kind: Kind;
  before: Rule | null;
  after: Rule | null;
}

interface RuleChangesProps {
  before: readonly Rule[];
  after: readonly Rule[];
  difference: Difference;
  names: RuleNames;
  actionOf?: (change: RuleChange) => ReactNode;
}

/** Two policies rule by rule: what each said beside what it says. */
export function RuleChanges({ before, after, difference, names, actionOf }: RuleChangesProps) {
  const changes = changesOf(before, after, difference);
  const unchanged = after.length - difference.added.length - difference.changed.length;
  if (changes.length === 0 && !difference.reordered) return <Empty title={text.noChanges} hint={text.noChangesHint} />;
  return (
    <>
      {difference.reordered && <p>{text.reordered}</p>}
      <ol className="c-rules c-or" aria-label={text.changeList}>
        {changes.map((change) => (
          <Change key={(change.after ?? change.before)?.id} change={change} names={names} action={actionOf?.(change)} />
        ))}
      </ol>
      {unchanged > 0 && <p className="c-subtle">{text.unchanged(unchanged)}</p>}
    </>
  );
}

/** What differs, in the order of the rules that are there, then those that are gone. */
function changesOf(before: readonly Rule[], after: readonly Rule[], difference: Difference): RuleChange[] {
  const old = new Map(before.map((rule) => [rule.id, rule]));
  const is = (ids: readonly string[], rule: Rule) => ids.includes(rule.id);
  const there = after.flatMap((rule): RuleChange[] => {
    if (is(difference.added, rule)) return [{ kind: 'added', before: null, after: rule }];
    if (is(difference.changed, rule)) return [{ kind: 'changed', before: old.get(rule.id) ?? null, after: rule }];
    return [];
  });
  const gone = before.filter((rule) => is(difference.removed, rule));
  return [...there, ...gone.map((rule): RuleChange => ({ kind: 'removed', before: rule, after: null }))];
}

function Change({ change, names, action }: { change: RuleChange; names: RuleNames; action?: ReactNode }) {
  const { kind, before, after } = change;
  const name = (after ?? before)?.name;
  const said = before && sentenceOf(before, names);
  const says = after && sentenceOf(after, names);
  return (
    <li className="c-card">
      <div className="c-rule-head">
        <div>
          <strong className="c-any-break">{name}</strong>
          <Lozenge appearance={colours[kind]}>{text.change[kind]}</Lozenge>
        </div>
        {action && <div>{action}</div>}
      </div>
      {before && after && before.name !== after.name && <p className="c-subtle">{text.renamed(before.name)}</p>}
      <dl className="c-sides">
        <div>
          <dt>{text.before}</dt>
          <dd>{said && says ? <Marked before={said} after={says} side="before" /> : (said ?? text.notThere)}</dd>
        </div>
        <div>
          <dt>{text.after}</dt>
          <dd>{said && says ? <Marked before={said} after={says} side="after" /> : (says ?? text.notThere)}</dd>
        </div>
      </dl>
    </li>
  );
}

/** One of two sentences, with the words marked that the other does not have. */
function Marked({ before, after, side }: { before: string; after: string; side: 'before' | 'after' }) {
  const pieces = compareWords(before, after).filter(({ kind }) => kind === 'same' || kind === side);
  const Mark = side === 'before' ? 'del' : 'ins';
  return (
    <>
      {pieces.map(({ kind, words }, place) =>
        kind === 'same' ? (
          words
        ) : (
          <span key={place}>
            {words.startsWith(' ') && ' '}
            <Mark>{words.trimStart()}</Mark>
          </span>
        ),
      )}
    </>
  );
}

/** “1 rule added, 2 rules changed”. */
export function countsInWords(difference: Difference): string {
  const counts = (['added', 'changed', 'removed'] as const).flatMap((kind) => {
    const count = difference[kind].length;
    return count > 0 ? [text.counts[kind](count)] : [];
  });
  if (difference.reordered) counts.push(text.counts.reordered);
  return t.common.list(counts) || text.counts.nothing;
}
