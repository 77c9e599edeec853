import { useLocation } from 'wouter';
import { useOperation } from '../api/hooks';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { ConnectorForm } from './ConnectorForm';

const text = t.connectors;

/** Changes name, tenant or credential of a connector. */
export default function ConnectorEditPage({ id }: { id: string }) {
  const query = useOperation('connectors.get', { connector: id });
  const connector = query.data?.connector;
  const notice = useNotice();
  const [, navigate] = useLocation();
  const back = `/connectors/${id}`;
  return (
    <Page title={text.editTitle(connector?.name ?? '')} back={{ href: `#${back}`, label: connector?.name ?? text.title }}>
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {connector && (
        <ConnectorForm
          key={connector.version}
          kind={connector.provider.kind}
          existing={connector}
          onSaved={(saved, newKey) => {
            notice(text.saved(saved.name));
            navigate(newKey ? `${back}/set-up` : back);
          }}
          cancel={{ href: `#${back}` }}
        />
      )}
    </Page>
  );
}
