import Button from '@atlaskit/button/new';
import DynamicTable from '@atlaskit/dynamic-table';
import Lozenge from '@atlaskit/lozenge';
import { useState } from 'react';
import type { Output } from '../api/operations';
import type { Mentioned } from '../api/types';
import { t } from '../messages';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { When } from '../shell/When';
import { namesOf, outcomeOf } from './sentences';

const text = t.backTest;

type Change = Output<'policies.back_test'>['changes'][number];
type Aspect = keyof typeof text.aspects;
const aspects = Object.keys(text.aspects) as Aspect[];
const page = 50;

interface BackTestChangesProps {
  changes: readonly Change[];
  mentioned: readonly Mentioned[];
}

/** Past requests that would fare differently, with what followed and what would. */
export function BackTestChanges({ changes, mentioned }: BackTestChangesProps) {
  const [aspect, setAspect] = useState<Aspect | null>(null);
  const [most, setMost] = useState(page);
  const names = namesOf(...mentioned);
  const chosen = changes.filter((change) => aspect === null || change[aspect]);
  const shown = chosen.slice(0, most);
  const headers = [text.request, text.submitted, text.differs, text.before, text.after];
  return (
    <>
      <div className="c-filters c-or">
        <ChoiceFilter label={text.filter} any={text.all} options={optionsOf(text.aspects)} value={aspect} onChange={setAspect} />
      </div>
      {chosen.length === 0 && <p>{text.noneOfThese}</p>}
      {chosen.length > 0 && (
        <div className="c-table">
          <DynamicTable
            label={text.list}
            head={{ cells: headers.map((content, place) => ({ key: String(place), content, width: [22, 16, 14, 24, 24][place] })) }}
            rows={shown.map((change) => ({
              key: change.request,
              cells: [
                <a href={`#/requests/${change.request}`}>
                  {text.requestFor(change.tool?.name ?? text.newTool, t.common.days(change.days))}
                </a>,
                <When at={change.submitted_at} />,
                <Aspects of={change} />,
                outcomeOf(change.before, names),
                outcomeOf(change.after, names),
              ].map((content, place) => ({ key: String(place), content })),
            }))}
          />
        </div>
      )}
      <div className="c-more">
        <span aria-live="polite" className="c-subtle">
          {text.shown(shown.length, chosen.length)}
        </span>
        {shown.length < chosen.length && <Button onClick={() => setMost(most + page)}>{t.common.showMore}</Button>}
      </div>
    </>
  );
}

function Aspects({ of }: { of: Change }) {
  return (
    <span className="c-lozenges">
      {aspects
        .filter((aspect) => of[aspect])
        .map((aspect) => (
          <Lozenge key={aspect} appearance="moved">
            {text.aspects[aspect]}
          </Lozenge>
        ))}
    </span>
  );
}
