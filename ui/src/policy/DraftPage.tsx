import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs';
import { useState } from 'react';
import { useList, useOperation } from '../api/hooks';
import type { DraftView } from '../api/types';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { LoadingRows } from '../shell/Loading';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';
import { BackTest } from './BackTest';
import { DraftChanges } from './DraftChanges';
import { DiscardDraft, PublishDraft } from './DraftDialogs';
import { DraftRules } from './DraftRules';
import { ExportFile, ImportFile } from './PolicyFile';
import { useDraft } from './useDraft';
import { useFind } from './useFind';
import { Verdict } from './Verdict';

const text = t.drafts;

/** The draft of the next version: its rules, what is wrong with them, what they change, and what they would have made of the past. */
export default function DraftPage() {
  const inUse = useDraft();
  const { draft } = inUse;
  const lint = useOperation('policies.lint', {});
  const administers = useIsAdministrator();
  const [tab, setTab] = useState(0);
  const find = useFind(() => setTab(0));
  return (
    <Page
      title={text.title}
      lead={text.lead}
      back={{ href: '#/governance', label: t.governance.title }}
      actions={
        draft && (
          <>
            {administers && draft.open && <PublishDraft draft={draft} lint={lint.isFetching ? undefined : lint.data} />}
            {administers && <ImportFile draft={inUse} />}
            <ExportFile name={`policy-draft-${draft.version}`} title={text.title} policy={draft} />
            {administers && draft.open && <DiscardDraft draft={draft} />}
          </>
        )
      }
    >
      {inUse.error && !draft && <Problem error={inUse.error} onRetry={inUse.retry} />}
      {!inUse.error && !draft && <LoadingRows label={t.common.loadingPage} />}
      {draft && (
        <>
          <Standing draft={draft} />
          {inUse.overtaken && <Overtaken draft={draft} />}
          {inUse.problem !== null && <Problem error={inUse.problem} />}
          {lint.error && !lint.data ? (
            <Problem error={lint.error} onRetry={() => void lint.refetch()} />
          ) : (
            <Verdict lint={lint.data} looking={lint.isFetching} find={find} />
          )}
          <Tabs id="draft" selected={tab} onChange={setTab}>
            <TabList>
              <Tab>{text.tabs.rules}</Tab>
              <Tab>{text.tabs.changes}</Tab>
              <Tab>{text.tabs.past}</Tab>
            </TabList>
            <TabPanel>
              <div className="c-panel">
                <DraftRules inUse={inUse} draft={draft} findings={lint.data?.findings ?? []} find={find} />
              </div>
            </TabPanel>
            <TabPanel>
              <div className="c-panel">
                <DraftChanges draft={draft} inUse={administers ? inUse : undefined} />
              </div>
            </TabPanel>
            <TabPanel>
              <div className="c-panel">
                <BackTest subject={{}} key={draft.version} />
              </div>
            </TabPanel>
          </Tabs>
        </>
      )}
    </Page>
  );
}

/** Whose it is, from which version, and whether it waits for somebody. */
function Standing({ draft }: { draft: DraftView }) {
  const administers = useIsAdministrator();
  const proposals = useList('proposals.list', { state: 'open' });
  const waits = draft.open && proposals.items?.some((proposal) => proposal.kind === 'publish_policy' && proposal.draft === draft.version);
  return (
    <div className="c-banner c-verdict">
      <p className="c-subtle">
        {!draft.open && (administers ? text.none : text.noneReading)}
        {draft.open && text.basedOn(draft.based_on)}
        {draft.changed_by && (
          <>
            {' · '}
            {text.changed(nameOf(draft.changed_by))}, <When at={draft.changed_at} />
          </>
        )}
      </p>
      {waits && (
        <SectionMessage
          appearance="information"
          title={text.proposed}
          actions={[
            <SectionMessageAction key="see" href="#/governance">
              {text.seeProposal}
            </SectionMessageAction>,
          ]}
        >
          <p>{text.proposedHint}</p>
        </SectionMessage>
      )}
    </div>
  );
}

function Overtaken({ draft }: { draft: DraftView }) {
  return (
    <div role="alert" className="c-banner">
      <SectionMessage appearance="warning" title={draft.changed_by ? text.staleBy(nameOf(draft.changed_by)) : text.stale}>
        <p>{text.staleHint}</p>
      </SectionMessage>
    </div>
  );
}
