import { LinkButton } from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useList, useOperation } from '../api/hooks';
import type { DraftView, PolicyView } from '../api/types';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { Proposals } from '../proposals/Proposals';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';
import { Replay } from './Replay';
import { countsInWords } from './RuleChanges';
import { Rules } from './Rules';
import { namesOf } from './sentences';
import { useFind } from './useFind';
import { Versions } from './Versions';

const text = t.governance;

/** The policy in force as sentences, the draft of the next one, and the versions before. */
export default function GovernancePage() {
  const query = useOperation('policies.get', {});
  const draft = useOperation('policies.draft', {}).data?.draft;
  const versions = useList('policies.list', {});
  const active = query.data?.policy;
  return (
    <Page title={text.title} lead={text.lead} actions={draft && <DraftLink draft={draft} />}>
      <Proposals />
      <p className="c-actions">
        <LinkButton href="#/governance/reviews">{t.reviews.link}</LinkButton>
        <LinkButton href="#/governance/exceptions">{t.exceptions.link}</LinkButton>
      </p>
      {draft?.open && <DraftWaits draft={draft} />}
      {query.error && !active && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {active && <InForce policy={active} />}
      {active && (
        <Section title={text.howItCombines}>
          <ul>
            {text.combination.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Section>
      )}
      {active && (
        <Section title={text.versions}>
          <Versions list={versions} />
        </Section>
      )}
      {active && <Replay />}
    </Page>
  );
}

/** The way to the draft; where there is none, an administrator may begin one. */
function DraftLink({ draft }: { draft: DraftView }) {
  const administers = useIsAdministrator();
  if (!draft.open && !administers) return null;
  return (
    <LinkButton appearance="primary" href="#/governance/draft">
      {draft.open ? text.openDraft : text.beginDraft}
    </LinkButton>
  );
}

function DraftWaits({ draft }: { draft: DraftView }) {
  return (
    <div className="c-banner">
      <SectionMessage
        title={text.draftWaits}
        actions={[
          <SectionMessageAction key="open" href="#/governance/draft">
            {text.openDraft}
          </SectionMessageAction>,
        ]}
      >
        <p>
          {draft.changed_by && (
            <>
              {text.draftBy(nameOf(draft.changed_by))}, <When at={draft.changed_at} />.{' '}
            </>
          )}
          {t.drafts.whatChanges}: {countsInWords(draft.difference)}.
        </p>
      </SectionMessage>
    </div>
  );
}

function InForce({ policy }: { policy: PolicyView }) {
  const find = useFind();
  return (
    <Section
      title={text.active(policy.number)}
      actions={<LinkButton href={`#/governance/versions/${policy.number}`}>{text.openVersion}</LinkButton>}
    >
      <VersionFacts policy={policy} />
      <Rules label={text.rules} rules={policy.rules} names={namesOf(policy.mentioned)} find={find} />
    </Section>
  );
}

/** Who made a version, when and why. */
export function VersionFacts({ policy }: { policy: PolicyView }) {
  return (
    <Facts
      rows={[
        [policy.active ? text.activeSince : text.published, <When at={policy.published_at} />],
        [text.publishedBy, policy.published_by?.name ?? text.theProgram],
        [text.confirmedBy, policy.confirmed_by ? nameOf(policy.confirmed_by) : null],
        [text.reach, policy.difference ? <Reach wider={policy.wider} /> : null],
        [text.note, policy.note],
        [text.rulesInAll, policy.rules_in_all],
      ]}
    />
  );
}

/** Whether a version gave more than the one before it. */
export function Reach({ wider }: { wider: boolean }) {
  return <Lozenge appearance={wider ? 'moved' : 'default'}>{wider ? text.wider : text.notWider}</Lozenge>;
}
