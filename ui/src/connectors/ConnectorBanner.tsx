import { useList } from '../api/hooks';
import { ConnectorTrouble, isInTrouble } from './Health';

const mostConnectors = 100;

/** The enabled connectors that do not work, since jobs of their tools wait. */
export function ConnectorTroubles() {
  const list = useList('connectors.list', {}, mostConnectors);
  const inTrouble = (list.items ?? []).filter((connector) => connector.status === 'enabled' && isInTrouble(connector));
  return inTrouble.map((connector) => <ConnectorTrouble key={connector.id} connector={connector} withLink />);
}
