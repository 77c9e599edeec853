import Button from '@atlaskit/button/new';
import Checkbox from '@atlaskit/checkbox';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useList } from '../api/hooks';
import type { DispositionKind, FindingState, FindingView } from '../api/types';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { When } from '../shell/When';
import { DispositionDialog } from './DispositionDialog';
import { DisposeManyDialog } from './DisposeManyDialog';
import { causeInWords, choicesInCommon, choicesOf, dispositionLabel, whoOf } from './finding';

const text = t.drift;
const colours: Record<FindingView['kind'], ThemeAppearance> = {
  approved_but_missing: 'moved',
  observed_without_approval: 'removed',
  resurrected: 'removed',
  rule_managed: 'moved',
  unmapped: 'removed',
  unknown: 'default',
};

/** The findings in one state: decided one by one, or several in the same way at once. */
export function Findings({ state }: { state: FindingState }) {
  const list = useList('drift.list', { state });
  const [decided, setDecided] = useState<{ finding: FindingView; kind: DispositionKind } | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [many, setMany] = useState<DispositionKind | null>(null);
  const [refused, setRefused] = useState<string[]>([]);
  // What was settled meanwhile is no longer there to be selected.
  const chosen = (list.items ?? []).filter((finding) => selected.has(finding.id) && choicesOf(finding).length > 0);
  const common = choicesInCommon(chosen);
  const labelOf = (kind: DispositionKind) => (chosen[0] ? dispositionLabel(chosen[0], kind) : text.dispositions[kind]);
  const toggle = (id: string, on: boolean) =>
    setSelected((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  return (
    <>
      <div role="status">
        {refused.length > 0 && (
          <SectionMessage appearance="warning" title={text.manyRefused}>
            <ul>
              {refused.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </SectionMessage>
        )}
      </div>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(finding) => finding.id}
        empty={
          state === 'settled' ? (
            <Empty title={text.noneFiltered} hint={text.noneFilteredHint} />
          ) : (
            <Empty title={text.none} hint={text.noneHint} />
          )
        }
        columns={[
          {
            key: 'select',
            header: t.approvals.select,
            headerHidden: true,
            width: 5,
            cell: (finding) =>
              choicesOf(finding).length > 0 && (
                <Checkbox
                  aria-label={text.selectOne(text.kinds[finding.kind], whoOf(finding), finding.tool.name)}
                  isChecked={selected.has(finding.id)}
                  onChange={(event) => toggle(finding.id, event.currentTarget.checked)}
                />
              ),
          },
          { key: 'kind', header: text.kind, width: 30, cell: (finding) => <What finding={finding} /> },
          {
            key: 'who',
            header: text.who,
            width: 20,
            cell: (finding) => (
              <>
                {finding.grant ? <a href={`#/access/${finding.grant}`}>{whoOf(finding)}</a> : whoOf(finding)}
                <div>
                  <a href={`#/catalog/${finding.tool.id}/group`}>{finding.tool.name}</a>
                </div>
              </>
            ),
          },
          {
            key: 'seen',
            header: text.seen,
            width: 20,
            cell: (finding) => (
              <>
                {text.firstSeen}: <When at={finding.first_seen_at} />
                <div className="c-subtle">
                  {text.lastSeen}: <When at={finding.last_seen_at} />
                </div>
              </>
            ),
          },
          {
            key: 'decision',
            header: text.decision,
            cell: (finding) => <Decision finding={finding} onDecide={(kind) => setDecided({ finding, kind })} />,
          },
        ]}
      />
      {chosen.length > 1 && (
        <div className="c-bulk" role="group" aria-label={text.selected(chosen.length)}>
          <strong aria-live="polite">{text.selected(chosen.length)}</strong>
          {common.length === 0 && <span>{text.nothingInCommon}</span>}
          {common.map((kind) => (
            <Button key={kind} onClick={() => setMany(kind)}>
              {labelOf(kind)}
            </Button>
          ))}
          <Button appearance="subtle" onClick={() => setSelected(new Set())}>
            {t.approvals.clearSelection}
          </Button>
        </div>
      )}
      <DispositionDialog chosen={decided} onClose={() => setDecided(null)} />
      {many && (
        <DisposeManyDialog
          kind={many}
          findings={chosen}
          onClose={() => setMany(null)}
          onDone={(sentences) => {
            setRefused(sentences);
            setSelected(new Set());
          }}
        />
      )}
    </>
  );
}

function What({ finding }: { finding: FindingView }) {
  return (
    <>
      <Lozenge appearance={finding.state === 'open' ? colours[finding.kind] : 'default'}>{text.kinds[finding.kind]}</Lozenge>
      <p>{text.kindHelp[finding.kind]}</p>
      {finding.initial && <p className="c-subtle">{text.initial}</p>}
      {finding.cause && (
        <p className="c-subtle">
          {text.cause}: {causeInWords(finding.cause)}
        </p>
      )}
    </>
  );
}

function Decision({ finding, onDecide }: { finding: FindingView; onDecide: (kind: DispositionKind) => void }) {
  const { disposition } = finding;
  return (
    <>
      {disposition && (
        <>
          <strong>{text.settledAs[disposition.kind]}</strong>
          {finding.state === 'open' && disposition.kind !== 'retro_request' && ` (${text.underWay})`} {text.by(nameOf(disposition.by))}
          <div className="c-subtle">
            <When at={disposition.at} />
          </div>
          {disposition.confirmed_by && <div className="c-subtle">{text.confirmedBy(nameOf(disposition.confirmed_by))}</div>}
          {disposition.reason && <p>{disposition.reason}</p>}
          {(disposition.owner || disposition.ends_at) && (
            <p>
              {disposition.owner && `${text.answers(disposition.owner.name)} `}
              {disposition.ends_at && (
                <>
                  {text.until} <When at={disposition.ends_at} />
                </>
              )}
            </p>
          )}
        </>
      )}
      {disposition?.job && (
        <p>
          <a href={`#/jobs/${disposition.job}`}>{text.seeJob}</a>
        </p>
      )}
      {finding.proposal && <p className="c-subtle">{text.proposedAlready}</p>}
      <div className="c-stack">
        {choicesOf(finding).map((kind) => (
          <Button
            key={kind}
            spacing="compact"
            aria-label={text.disposeOf(dispositionLabel(finding, kind), whoOf(finding), finding.tool.name)}
            onClick={() => onDecide(kind)}
          >
            {dispositionLabel(finding, kind)}
          </Button>
        ))}
      </div>
    </>
  );
}
