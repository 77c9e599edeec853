import Button from '@atlaskit/button/new';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useState } from 'react';
import { useList } from '../api/hooks';
import type { Input } from '../api/operations';
import type { ExceptionView } from '../api/types';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { Proposals } from '../proposals/Proposals';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { ListTable } from '../shell/ListTable';
import { Page } from '../shell/Page';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';
import { BaselineCounts } from './BaselineCounts';
import { AddExceptionDialog } from './AddExceptionDialog';
import { EndExceptionDialog } from './EndExceptionDialog';

const text = t.exceptions;

type State = NonNullable<Input<'exceptions.list'>['state']>;

const colours: Record<string, ThemeAppearance> = {
  in_force: 'moved',
  proposed: 'inprogress',
  over: 'default',
  refused: 'default',
};

/** Every deviation from policy that somebody answers for, of all kinds alike. */
export default function ExceptionsPage() {
  const [state, setState] = useState<State>('in_force');
  const [kind, setKind] = useState<ExceptionView['kind'] | null>(null);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<ExceptionView | null>(null);
  const administers = useIsAdministrator();
  const list = useList('exceptions.list', { state, ...(kind ? { kind } : {}) });
  const add = administers && (
    <Button appearance="primary" onClick={() => setAdding(true)}>
      {text.add}
    </Button>
  );
  const filtered = state !== 'in_force' || kind !== null;
  return (
    <Page title={text.title} lead={text.lead} actions={add} back={{ href: '#/governance', label: t.governance.title }}>
      <Proposals kinds={['grant_exception', 'answer_for_findings']} />
      <search className="c-filters">
        <ChoiceFilter label={text.state} options={optionsOf(text.states)} value={state} onChange={(next) => next && setState(next)} />
        <ChoiceFilter label={text.kind} any={text.anyKind} options={optionsOf(text.kinds)} value={kind} onChange={setKind} />
      </search>
      <ListTable
        label={text.list}
        list={list}
        rowKey={({ exception, finding }) => exception ?? finding ?? ''}
        empty={
          filtered ? <Empty title={text.noneFiltered} hint={text.noneFilteredHint} /> : <Empty title={text.none} hint={text.noneHint} />
        }
        columns={[
          {
            key: 'who',
            header: text.who,
            width: 22,
            cell: (exception) => (
              <>
                {whoOf(exception)}
                <div className="c-subtle">{exception.tool.name}</div>
              </>
            ),
          },
          {
            key: 'kind',
            header: text.kind,
            width: 18,
            cell: (exception) => (
              <>
                {text.kinds[exception.kind]}
                <div>
                  <Lozenge appearance={colours[exception.state] ?? 'default'}>{text.states[exception.state as State]}</Lozenge>
                </div>
              </>
            ),
          },
          {
            key: 'why',
            header: text.reason,
            cell: ({ reason, made_by: madeBy, made_at: madeAt, confirmed_by: confirmedBy }) => (
              <>
                {reason && <p>{reason}</p>}
                <p className="c-subtle">
                  {text.made} <When at={madeAt} /> {text.by(nameOf(madeBy))}
                  {confirmedBy && `, ${text.confirmedBy(nameOf(confirmedBy))}`}
                </p>
              </>
            ),
          },
          { key: 'owner', header: text.owner, width: 14, cell: ({ owner }) => owner.name },
          {
            key: 'ends',
            header: text.ends,
            width: 18,
            cell: ({ ends_at: endsAt, ended_at: endedAt, ended_because: why }) =>
              endedAt ? (
                <>
                  <When at={endedAt} />
                  {why && <p className="c-subtle">{text.endings[why]}</p>}
                </>
              ) : (
                <When at={endsAt} relative />
              ),
          },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 10,
            cell: (exception) =>
              exception.may_end && (
                <Button
                  spacing="compact"
                  aria-label={text.endOf(whoOf(exception), exception.tool.name)}
                  onClick={() => setEnding(exception)}
                >
                  {text.end}
                </Button>
              ),
          },
        ]}
      />
      <BaselineCounts />
      {adding && <AddExceptionDialog onClose={() => setAdding(false)} />}
      {ending && <EndExceptionDialog exception={ending} onClose={() => setEnding(null)} />}
    </Page>
  );
}

/** Whom an exception is about, in words. */
export function whoOf({ person }: ExceptionView): string {
  return person?.name ?? text.unknownAccount;
}
