import Button, { LinkButton } from '@atlaskit/button/new';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import ProgressBar from '@atlaskit/progress-bar';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import type { Output } from '../api/operations';
import type { ConnectorView, TestStep } from '../api/types';
import { reasonInWords } from '../jobs/reasons';
import { t } from '../messages';
import { Problem } from '../shell/problems';

const text = t.connectors;
const colours: Record<TestStep['result'], ThemeAppearance> = { passed: 'success', failed: 'removed', not_reached: 'default' };

/** Tries a connector, and shows what came of each step and what to do about it. */
export function ConnectorTest({ connector }: { connector: ConnectorView }) {
  const test = useCommand('connectors.test');
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState<Output<'connectors.test'> | null>(null);
  const run = () => {
    setError(null);
    setDone(null);
    test.run({ connector: connector.id }).then(setDone, setError);
  };
  return (
    <>
      <p className="c-lead">{text.testWhy}</p>
      <p className="c-actions c-or">
        <Button appearance="primary" onClick={run} isLoading={test.busy}>
          {done || connector.health.state !== 'untested' ? text.testAgain : text.test}
        </Button>
      </p>
      <div aria-live="polite" className="c-or">
        {test.busy && (
          <>
            <ProgressBar ariaLabel={text.testing} isIndeterminate />
            <p>{text.testing}</p>
          </>
        )}
        {error !== null && <Problem error={error} />}
        {done && <TestResult tested={done} />}
      </div>
    </>
  );
}

function TestResult({ tested }: { tested: Output<'connectors.test'> }) {
  const passed = tested.steps.every((step) => step.result === 'passed');
  return (
    <SectionMessage appearance={passed ? 'success' : 'error'} title={passed ? text.testPassed : text.testFailed}>
      <ol className="c-results">
        {tested.steps.map((step) => (
          <StepResult key={step.step} title={text.testSteps[step.step]} step={step} />
        ))}
        {tested.next_key && <StepResult title={text.testNextKey} step={tested.next_key} />}
      </ol>
      {passed && (
        <>
          <p>{text.testPassedNext}</p>
          <div className="c-actions">
            <LinkButton href="#/catalog">{text.toTools}</LinkButton>
            <LinkButton href={`#/connectors/${tested.connector.id}/identities`}>{text.toIdentities}</LinkButton>
          </div>
        </>
      )}
    </SectionMessage>
  );
}

function StepResult({ title, step }: { title: string; step: TestStep }) {
  return (
    <li>
      <div className="c-actions">
        <Lozenge appearance={colours[step.result]}>{text.testResults[step.result]}</Lozenge>
        <span>{title}</span>
      </div>
      {step.result === 'failed' && (
        <p>
          {step.reason && <>{reasonInWords(step.reason)} </>}
          {step.what_to_do}
        </p>
      )}
    </li>
  );
}
