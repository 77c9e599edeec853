import { useState } from 'react';
import type { FindingState } from '../api/types';
import { t } from '../messages';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { Proposals } from '../proposals/Proposals';
import { Page } from '../shell/Page';
import { Checks } from './Checks';
import { Findings } from './Findings';

const text = t.drift;

/** Where groups differ from what is approved, and what was decided about it. */
export default function DriftPage() {
  const [state, setState] = useState<FindingState>('open');
  return (
    <Page title={text.title} lead={text.lead}>
      <Proposals kinds={['answer_for_findings']} />
      <search className="c-filters">
        <ChoiceFilter label={text.state} options={optionsOf(text.states)} value={state} onChange={(next) => next && setState(next)} />
      </search>
      <Findings key={state} state={state} />
      <Checks />
    </Page>
  );
}
