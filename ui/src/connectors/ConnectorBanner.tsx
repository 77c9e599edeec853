import { useList } from '../api/hooks';
import { ConnectorTrouble, isInTrouble } from './Health';

const mostConnectors = 100;

/** Above every administration page: the enabled connectors that do not work, since jobs of their tools wait. */
export function ConnectorBanner() {
  const list = useList('connectors.list', {}, mostConnectors);
  const inTrouble = (list.items ?? []).filter((connector) => connector.status === 'enabled' && isInTrouble(connector));
  return (
    <div className="c-banners" role="status">
      {inTrouble.map((connector) => (
        <ConnectorTrouble key={connector.id} connector={connector} withLink />
      ))}
    </div>
  );
}
