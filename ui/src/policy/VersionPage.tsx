import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs';
import { useList, useOperation } from '../api/hooks';
import { t } from '../messages';
import { ChoiceFilter } from '../shell/filters';
import { useHashQuery } from '../shell/hash';
import { LoadingRows } from '../shell/Loading';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { BackTest } from './BackTest';
import { VersionFacts } from './GovernancePage';
import { ExportFile } from './PolicyFile';
import { RuleChanges } from './RuleChanges';
import { Rules } from './Rules';
import { namesOf } from './sentences';
import { useFind } from './useFind';
import { Looking, Problems } from './Verdict';

const text = t.governance;

/** One version in full: its rules and what is wrong with them now, what it changes of another, and what it would make of past requests. */
export default function VersionPage({ id }: { id: string }) {
  const number = Number(id);
  const query = useOperation('policies.get', { number });
  const lint = useOperation('policies.lint', { number });
  const policy = query.data?.policy;
  const find = useFind();
  return (
    <Page
      title={text.versionTitle(number)}
      lead={text.versionLead}
      back={{ href: '#/governance', label: text.title }}
      actions={policy && <ExportFile name={`policy-${number}`} title={text.versionTitle(number)} policy={policy} />}
    >
      {query.error && !policy && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {policy && (
        <>
          <VersionFacts policy={policy} />
          <div className="c-or">
            <Tabs id="version">
              <TabList>
                <Tab>{text.rules}</Tab>
                <Tab>{text.changes}</Tab>
                <Tab>{t.drafts.tabs.past}</Tab>
              </TabList>
              <TabPanel>
                <div className="c-panel">
                  <p className="c-subtle">{text.problemsNow}</p>
                  <div aria-live="polite" className="c-widening">
                    {lint.data && <Problems findings={lint.data.findings} find={find} />}
                    {lint.isPending && <Looking />}
                    {lint.error && !lint.data && <Problem error={lint.error} onRetry={() => void lint.refetch()} />}
                  </div>
                  <Rules
                    label={text.rules}
                    rules={policy.rules}
                    names={namesOf(policy.mentioned)}
                    findings={lint.data?.findings}
                    find={find}
                  />
                </div>
              </TabPanel>
              <TabPanel>
                <div className="c-panel">
                  <Compared number={number} />
                </div>
              </TabPanel>
              <TabPanel>
                <div className="c-panel">
                  <BackTest subject={{ number }} />
                </div>
              </TabPanel>
            </Tabs>
          </div>
        </>
      )}
    </Page>
  );
}

/** What the version changes of another: of the one before, or of one that is chosen. */
function Compared({ number }: { number: number }) {
  const [query, setQuery] = useHashQuery();
  const versions = useList('policies.list', {}, 100);
  const others = (versions.items ?? []).map((version) => version.number).filter((other) => other !== number);
  const asked = Number(query.get('against'));
  const before = others.includes(number - 1) ? number - 1 : others[0];
  const against = others.includes(asked) ? asked : before;
  const compared = useOperation('policies.get', { number, against }, { skip: against === undefined });
  if (versions.error && !versions.items) return <Problem error={versions.error} onRetry={versions.retry} />;
  if (!versions.items) return <LoadingRows label={t.common.loadingPage} />;
  if (against === undefined) return <p>{text.nothingToCompare}</p>;
  const { policy, against: other, difference } = compared.data ?? {};
  return (
    <>
      <div className="c-filters">
        <ChoiceFilter
          label={text.comparedWith}
          options={others.map((value) => ({ value: String(value), label: text.versionNumber(value) }))}
          value={String(against)}
          onChange={(value) => value && setQuery(new URLSearchParams({ against: value }))}
        />
      </div>
      <div aria-live="polite">
        {compared.error && <Problem error={compared.error} onRetry={() => void compared.refetch()} />}
        {compared.isPending && <LoadingRows label={t.common.loadingPage} />}
        {policy && other && difference && (
          <RuleChanges
            before={other.rules}
            after={policy.rules}
            difference={difference}
            names={namesOf(policy.mentioned, other.mentioned)}
          />
        )}
      </div>
    </>
  );
}
