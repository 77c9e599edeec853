import Button from '@atlaskit/button/new';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { DispositionKind, FindingState, FindingView } from '../api/types';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { LastCheck } from '../provider-groups/GroupsTable';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';
import { DispositionDialog } from './DispositionDialog';
import { causeInWords, choicesOf, dispositionLabel, whoOf } from './finding';

const text = t.drift;
const colours: Record<FindingView['kind'], ThemeAppearance> = {
  approved_but_missing: 'moved',
  observed_without_approval: 'removed',
  resurrected: 'removed',
  rule_managed: 'moved',
  unmapped: 'removed',
  unknown: 'default',
};

/** Where groups differ from what is approved, and what was decided about it. */
export default function DriftPage() {
  const [state, setState] = useState<FindingState>('open');
  const list = useList('drift.list', { state });
  const [decided, setDecided] = useState<{ finding: FindingView; kind: DispositionKind } | null>(null);
  return (
    <Page title={text.title} lead={text.lead}>
      <search className="c-filters">
        <ChoiceFilter label={text.state} options={optionsOf(text.states)} value={state} onChange={(next) => next && setState(next)} />
      </search>
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
      <DispositionDialog chosen={decided} onClose={() => setDecided(null)} />
      <Checks />
    </Page>
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

/** When each group was last compared, and the button that compares it now. */
function Checks() {
  const list = useList('provider_groups.list', {});
  const check = useCommand('drift.check');
  const notice = useNotice();
  const configures = useIsAdministrator();
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const run = (tool: { id: string; name: string }) => {
    setError(null);
    setAsked(tool.id);
    check
      .run({ tool: tool.id })
      .then(({ queued }) => notice(queued ? text.checkQueued(tool.name) : text.checkRuns, text.checkQueuedHint), setError);
  };
  return (
    <Section title={text.checks}>
      <p className="c-lead">{text.checksLead}</p>
      {error !== null && <Problem error={error} />}
      <ListTable
        label={text.checksList}
        list={list}
        rowKey={(binding) => binding.tool.id}
        empty={
          <Empty
            title={t.providerGroups.none}
            hint={t.providerGroups.noneHint}
            link={{ href: '#/catalog', label: t.providerGroups.toCatalog }}
          />
        }
        columns={[
          { key: 'tool', header: text.tool, width: 28, cell: ({ tool }) => <a href={`#/catalog/${tool.id}/group`}>{tool.name}</a> },
          { key: 'group', header: t.providerGroups.group, width: 24, cell: ({ group }) => group.name },
          { key: 'check', header: t.providerGroups.lastCheck, cell: (binding) => <LastCheck binding={binding} /> },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 14,
            cell: ({ tool }) =>
              configures && (
                <Button
                  spacing="compact"
                  aria-label={text.checkOf(tool.name)}
                  isLoading={check.busy && asked === tool.id}
                  onClick={() => run(tool)}
                >
                  {text.check}
                </Button>
              ),
          },
        ]}
      />
    </Section>
  );
}
