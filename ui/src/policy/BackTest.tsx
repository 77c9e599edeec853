import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import Lozenge from '@atlaskit/lozenge';
import ProgressBar from '@atlaskit/progress-bar';
import type { Output } from '../api/operations';
import { useParts } from '../api/parts';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { TextInput } from '../shell/fields';
import { Facts } from '../shell/Page';
import { Problem } from '../shell/problems';
import { BackTestChanges } from './BackTestChanges';

const text = t.backTest;
const mostDays = 3650;
const dayCheck = (value: string | undefined) => {
  const days = Number(value);
  return Number.isInteger(days) && days >= 1 && days <= mostDays ? undefined : t.errors.wholeNumber(1, mostDays);
};

/** Tries the draft, or a version, on past requests, part by part, and shows which would fare differently. */
export function BackTest({ subject }: { subject: { number?: number } }) {
  const trial = useParts('policies.back_test');
  const count = trial.parts.reduce((sum, part) => sum + part.requests, 0);
  const started = trial.busy || trial.parts.length > 0;
  return (
    <>
      <p className="c-lead">{text.lead}</p>
      <Form<{ days: string }> onSubmit={({ days }) => trial.start({ ...subject, days: Number(days) })}>
        {({ formProps }) => (
          <form {...formProps} noValidate className="c-inline-form c-short">
            <TextInput name="days" label={text.days} type="number" min={1} max={mostDays} initial="90" check={dayCheck} required />
            <Button appearance="primary" type="submit" isLoading={trial.busy}>
              {text.run}
            </Button>
            {trial.busy && <Button onClick={trial.stop}>{text.stop}</Button>}
          </form>
        )}
      </Form>
      <div aria-live="polite" className="c-or">
        {trial.busy && (
          <>
            <ProgressBar ariaLabel={text.running(count)} isIndeterminate />
            <p>{text.running(count)}</p>
          </>
        )}
        {trial.error !== null && <Problem error={trial.error} />}
        {trial.stopped && <p>{text.stopped}</p>}
      </div>
      {started && !trial.busy && trial.error === null && <Result parts={trial.parts} />}
    </>
  );
}

function Result({ parts }: { parts: readonly Output<'policies.back_test'>[] }) {
  const sum = (count: (part: Output<'policies.back_test'>) => number) => parts.reduce((all, part) => all + count(part), 0);
  const requests = sum((part) => part.requests);
  const changes = parts.flatMap((part) => part.changes);
  if (requests === 0) return <Empty title={text.none} hint={text.noneHint} />;
  return (
    <section aria-label={text.tried(requests)} className="c-or">
      <Facts
        rows={[
          [text.tried(requests), <Lozenge appearance={changes.length > 0 ? 'moved' : 'success'}>{text.differ(changes.length)}</Lozenge>],
          [text.would.auto_approved, sum((part) => part.auto_approved)],
          [text.would.stages, sum((part) => part.stages)],
          [text.would.denied, sum((part) => part.denied)],
        ]}
      />
      {changes.length === 0 ? (
        <Empty title={text.same} hint={text.sameHint} />
      ) : (
        <BackTestChanges changes={changes} mentioned={parts.map((part) => part.mentioned)} />
      )}
    </section>
  );
}
