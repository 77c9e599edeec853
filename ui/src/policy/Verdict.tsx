import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import Spinner from '@atlaskit/spinner';
import type { ReactNode } from 'react';
import type { Output } from '../api/operations';
import type { LintFinding, WideningView } from '../api/types';
import { t } from '../messages';
import { Facts } from '../shell/Page';
import { exampleInWords } from './example';
import { namesOf, outcomeOf } from './sentences';
import type { Find } from './useFind';

const text = t.drafts;

interface VerdictProps {
  lint: Output<'policies.lint'> | undefined;
  /** Whether the rules are looked at anew just now. */
  looking: boolean;
  find: Find;
}

/** What lint says in all, and whether the draft gives more. */
export function Verdict({ lint, looking, find }: VerdictProps) {
  return (
    <div aria-live="polite" className="c-verdict">
      {looking && <Looking />}
      {lint && <Problems findings={lint.findings} find={find} />}
      {lint?.widening && <Widening widening={lint.widening} />}
    </div>
  );
}

/** While lint works. */
export function Looking() {
  return (
    <p className="c-actions">
      <Spinner size="small" label={text.looking} />
      <span>{text.looking}</span>
    </p>
  );
}

/** How many problems there are, with the way to each rule that has some. */
export function Problems({ findings, find }: { findings: readonly LintFinding[]; find: Find }) {
  if (findings.length === 0) {
    return (
      <SectionMessage appearance="success" title={text.noProblems}>
        <p>{text.noProblemsHint}</p>
      </SectionMessage>
    );
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const rules = new Map(findings.map((finding) => [finding.rule, finding.rule_name]));
  return (
    <SectionMessage appearance={errors > 0 ? 'error' : 'warning'} title={countsOf(findings)}>
      {errors > 0 && <p>{text.errorsStop}</p>}
      <ul className="c-lozenges c-plain-row">
        {[...rules].map(([rule, name]) => (
          <li key={rule}>
            <Button spacing="compact" onClick={() => find.goTo({ id: rule, name })}>
              {name}
            </Button>
          </li>
        ))}
      </ul>
    </SectionMessage>
  );
}

/** “1 error and 2 warnings”. */
function countsOf(findings: readonly LintFinding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  return t.common.list([...(errors > 0 ? [text.errors(errors)] : []), ...(warnings > 0 ? [text.warnings(warnings)] : [])]);
}

/** Whether the draft gives more than the policy in force, with the request that shows it. */
export function Widening({ widening }: { widening: WideningView }) {
  return (
    <div className="c-widening">
      <Reach widening={widening} />
    </div>
  );
}

function Reach({ widening }: { widening: WideningView }) {
  if ('request' in widening) return <Witness witness={widening} />;
  return widening.kind === 'no' ? (
    <SectionMessage appearance="success" title={text.notWider}>
      <p>{text.notWiderHint}</p>
    </SectionMessage>
  ) : (
    <SectionMessage appearance="warning" title={text.undecided}>
      <p>{text.undecidedHint}</p>
    </SectionMessage>
  );
}

/** Whether it takes a second administrator to publish it. */
export const needsSecond = (widening: WideningView): boolean => 'request' in widening || widening.kind === 'undecided';

function Witness({ witness }: { witness: Extract<WideningView, { request: unknown }> }) {
  const names = namesOf(witness.mentioned);
  const rows: readonly (readonly [string, ReactNode])[] = [
    [text.asked, exampleInWords(witness.request)],
    [text.saysNow, outcomeOf(witness.before, names)],
    [text.saysThen, outcomeOf(witness.after, names)],
  ];
  return (
    <SectionMessage appearance="warning" title={text.wider}>
      <p>{text.widerHint}</p>
      <Facts rows={rows} />
    </SectionMessage>
  );
}
