import Button from '@atlaskit/button/new';
import { t } from '../../messages';
import { optionsOf } from '../../shell/filters';
import type { PartProps } from './ConditionFields';
import { ChoiceControl, FoundControl, TextControl } from './controls';
import { findApprovers } from './find';
import { newStage, type StageForm } from './ruleForm';

const text = t.ruleForm;
const quorums = optionsOf(text.quorums);
const mostStages = 8;
const mostApprovals = 255;
const mostDays = 3650;

/** Stage after stage: who decides, and how many must agree. */
export function StageFields({ form, set, problems }: PartProps) {
  const { stages } = form;
  const change = (key: number, over: Partial<StageForm>) =>
    set({ stages: stages.map((stage) => (stage.key === key ? { ...stage, ...over } : stage)) });
  const move = (place: number, to: number) => {
    const rest = stages.filter((_, other) => other !== place);
    set({ stages: [...rest.slice(0, to), ...stages.slice(place, place + 1), ...rest.slice(to)] });
  };
  return (
    <>
      <p className="c-subtle">{text.stagesHelp}</p>
      {problems.stages && <p className="c-complaint">{problems.stages}</p>}
      <ol className="c-rules" aria-label={text.stages}>
        {stages.map((stage, place) => (
          <li key={stage.key} className="c-stage">
            <div className="c-rule-head">
              <strong>{text.stage(place + 1)}</strong>
              <div>
                <Button
                  spacing="compact"
                  aria-label={text.stageUp(place + 1)}
                  isDisabled={place === 0}
                  onClick={() => move(place, place - 1)}
                >
                  {t.drafts.up}
                </Button>
                <Button
                  spacing="compact"
                  aria-label={text.stageDown(place + 1)}
                  isDisabled={place === stages.length - 1}
                  onClick={() => move(place, place + 1)}
                >
                  {t.drafts.down}
                </Button>
                <Button
                  spacing="compact"
                  aria-label={text.removeStage(place + 1)}
                  onClick={() => set({ stages: stages.filter((other) => other.key !== stage.key) })}
                >
                  {t.drafts.remove}
                </Button>
              </div>
            </div>
            <Stage stage={stage} problems={problems} change={(over) => change(stage.key, over)} />
          </li>
        ))}
      </ol>
      {stages.length < mostStages && (
        <p>
          <Button onClick={() => set({ stages: [...stages, newStage()] })}>{text.addStage}</Button>
        </p>
      )}
    </>
  );
}

interface StageProps {
  stage: StageForm;
  problems: PartProps['problems'];
  change: (over: Partial<StageForm>) => void;
}

function Stage({ stage, problems, change }: StageProps) {
  return (
    <>
      <TextControl
        label={text.stageName}
        value={stage.name}
        error={problems[`name-${stage.key}`]}
        onChange={(name) => change({ name })}
        required
      />
      <FoundControl
        label={text.approvers}
        help={text.approversHelp}
        placeholder={text.typeApprover}
        find={findApprovers}
        value={stage.approvers}
        error={problems[`approvers-${stage.key}`]}
        onChange={(approvers) => change({ approvers })}
        required
      />
      <div className="c-columns">
        <ChoiceControl label={text.quorum} options={quorums} value={stage.quorum} onChange={(quorum) => change({ quorum })} />
        {stage.quorum === 'at_least' && (
          <TextControl
            label={text.count}
            number={[1, mostApprovals]}
            value={stage.count}
            error={problems[`count-${stage.key}`]}
            onChange={(count) => change({ count })}
            required
          />
        )}
      </div>
      <Times stage={stage} problems={problems} change={change} />
    </>
  );
}

/** What the stage does when nobody decides. */
function Times({ stage, problems, change }: StageProps) {
  const days = (field: 'reminderDays' | 'escalateDays' | 'timeoutDays') => (
    <TextControl
      label={text[field]}
      help={text.noDays}
      number={[1, mostDays]}
      value={stage[field]}
      error={problems[`${field}-${stage.key}`]}
      onChange={(typed) => change({ [field]: typed })}
    />
  );
  const approvers = (field: 'escalateTo' | 'fallback', help: string) => (
    <FoundControl
      label={text[field]}
      help={help}
      placeholder={text.typeApprover}
      find={findApprovers}
      value={stage[field]}
      error={problems[`${field}-${stage.key}`]}
      onChange={(chosen) => change({ [field]: chosen })}
    />
  );
  return (
    <>
      <div className="c-columns">
        {days('reminderDays')}
        {days('escalateDays')}
        {days('timeoutDays')}
      </div>
      {stage.escalateDays.trim() !== '' && approvers('escalateTo', text.escalateToHelp)}
      {stage.timeoutDays.trim() !== '' && approvers('fallback', text.fallbackHelp)}
    </>
  );
}
