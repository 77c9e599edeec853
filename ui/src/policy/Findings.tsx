import Lozenge from '@atlaskit/lozenge';
import type { LintFinding } from '../api/types';
import { t } from '../messages';
import { exampleInWords } from './example';

const text = t.drafts;

/** What lint says of one rule, each with a request that shows it. */
export function Findings({ of, findings }: { of: string; findings: readonly LintFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="c-findings" aria-label={text.problemsOf(of)}>
      {findings.map((finding, place) => (
        <li key={place}>
          <div>
            <Lozenge appearance={finding.severity === 'error' ? 'removed' : 'moved'}>{text.severities[finding.severity]}</Lozenge>{' '}
            {quoted(finding.sentence)}
          </div>
          <div className="c-subtle">
            {showsNothing(finding) ? text.nearest : text.forExample} {exampleInWords(finding.example)}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Of a rule that nothing matches there is no example, only what comes near it. */
const showsNothing = ({ code }: LintFinding) => code === 'contradictory_conditions' || code.startsWith('unknown_');

/** The server puts names into back-ticks. */
const quoted = (sentence: string) => sentence.replace(/`([^`]*)`/g, '“$1”');
