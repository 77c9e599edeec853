import VisuallyHidden from '@atlaskit/visually-hidden';
import { t } from '../messages';

const text = t.connectors;
const steps = Object.keys(text.step) as (keyof typeof text.step)[];

/** Where the set-up stands. */
export function Steps({ now }: { now: keyof typeof text.step }) {
  const place = steps.indexOf(now);
  return (
    <ol className="c-steps" aria-label={text.steps}>
      {steps.map((step, index) => (
        <li key={step} aria-current={step === now ? 'step' : undefined}>
          {text.step[step]}
          {index < place && <VisuallyHidden>{text.stepDone}</VisuallyHidden>}
        </li>
      ))}
    </ol>
  );
}
