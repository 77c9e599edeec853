import { useState } from 'react';
import { t } from '../messages';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { Page } from '../shell/Page';
import { Reviews, type ReviewState } from './Reviews';

const text = t.reviews;

/** Every review, for administrators and auditors. */
export default function ReviewsPage() {
  const [state, setState] = useState<ReviewState>('open');
  return (
    <Page title={text.title} lead={text.adminLead} back={{ href: '#/governance', label: t.governance.title }}>
      <search className="c-filters">
        <ChoiceFilter label={text.state} options={optionsOf(text.states)} value={state} onChange={(next) => next && setState(next)} />
      </search>
      <Reviews key={state} asked={{ state }} />
    </Page>
  );
}
