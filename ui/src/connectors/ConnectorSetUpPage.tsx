import { LinkButton } from '@atlaskit/button/new';
import { useOperation } from '../api/hooks';
import type { ConnectorView } from '../api/types';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { ConnectorTest } from './ConnectorTest';
import { AtProvider, PublicHalf } from './PublicHalf';
import { Steps } from './Steps';

const text = t.connectors;

/** The last two steps of setting up a connector: what to do at the provider, then the test. */
export default function ConnectorSetUpPage({ id }: { id: string }) {
  const query = useOperation('connectors.get', { connector: id });
  const connector = query.data?.connector;
  return (
    <Page title={text.setUpTitle(connector?.name ?? '')} back={{ href: '#/connectors', label: text.title }}>
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {connector && <SetUp connector={connector} />}
    </Page>
  );
}

function SetUp({ connector }: { connector: ConnectorView }) {
  return (
    <>
      <Steps now={connector.health.state === 'untested' ? 'paste' : 'test'} />
      <Section title={text.paste}>
        <AtProvider connector={connector} />
        <div className="c-or">
          <PublicHalf connector={connector} />
        </div>
      </Section>
      <Section title={text.testTitle}>
        <ConnectorTest connector={connector} />
      </Section>
      <p className="c-or">
        <LinkButton appearance="subtle" href={`#/connectors/${connector.id}`}>
          {text.finish}
        </LinkButton>
      </p>
    </>
  );
}
