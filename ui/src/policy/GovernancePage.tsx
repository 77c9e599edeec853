import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useList } from '../api/hooks';
import type { Effect, PolicyView } from '../api/types';
import { t } from '../messages';
import { Proposals } from '../proposals/Proposals';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';
import { useRuleNames } from './ruleNames';
import { type RuleNames, sentenceOf } from './sentences';

const text = t.policy;
const kindColours: Record<Effect['kind'], ThemeAppearance> = { deny: 'removed', auto_approve: 'success', require_stages: 'inprogress' };

/** The policy in force as sentences, and the versions before it. */
export default function GovernancePage() {
  const list = useList('policies.list', {});
  const names = useRuleNames();
  const active = list.items?.find((version) => version.active);
  return (
    <Page title={text.title} lead={text.lead}>
      <Proposals />
      {list.error && !list.items && <Problem error={list.error} onRetry={list.retry} />}
      {!list.error && !list.items && <LoadingRows label={t.common.loadingPage} />}
      {list.items && !active && <Empty title={text.none} hint={text.noneHint} />}
      {active && <ActivePolicy policy={active} names={names} />}
      {active && (
        <Section title={text.howItCombines}>
          <ul>
            {text.combination.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Section>
      )}
      {list.items && list.items.length > 1 && (
        <Section title={text.versions}>
          <ListTable
            label={text.versionList}
            list={list}
            rowKey={(version) => String(version.number)}
            empty={<></>}
            columns={[
              { key: 'number', header: text.version, width: 12, cell: (version) => version.number },
              {
                key: 'state',
                header: text.state,
                width: 16,
                cell: (version) => (
                  <Lozenge appearance={version.active ? 'success' : 'default'}>{version.active ? text.inForce : text.replaced}</Lozenge>
                ),
              },
              { key: 'at', header: text.published, width: 26, cell: (version) => <When at={version.published_at} /> },
              { key: 'by', header: text.publishedBy, cell: (version) => version.published_by?.name ?? text.theProgram },
              { key: 'note', header: text.note, cell: (version) => version.note ?? t.common.none },
            ]}
          />
        </Section>
      )}
    </Page>
  );
}

function ActivePolicy({ policy, names }: { policy: PolicyView; names: RuleNames }) {
  const unseen = policy.rules_in_all - policy.rules.length;
  return (
    <Section title={text.active(policy.number)}>
      <Facts
        rows={[
          [text.activeSince, <When at={policy.published_at} />],
          [text.publishedBy, policy.published_by?.name ?? text.theProgram],
          [text.note, policy.note],
          [text.rulesInAll, policy.rules_in_all],
        ]}
      />
      <ol className="c-rules c-or" aria-label={text.rules}>
        {policy.rules.map((rule) => (
          <li key={rule.id} className="c-card">
            <div className="c-actions">
              <strong>{rule.name}</strong>
              <Lozenge appearance={kindColours[rule.then.kind]}>{text.kinds[rule.then.kind]}</Lozenge>
            </div>
            <p>{sentenceOf(rule, names)}</p>
          </li>
        ))}
      </ol>
      {unseen > 0 && <p className="c-subtle">{text.moreRules(unseen)}</p>}
    </Section>
  );
}
