import { useList } from '../api/hooks';
import { ClockTrouble, ConnectorTrouble, isInTrouble } from './Health';

const mostConnectors = 100;

/** The enabled connectors that do not work, since jobs of their tools wait, and those whose provider's clock is another one. */
export function ConnectorTroubles() {
  const list = useList('connectors.list', {}, mostConnectors);
  const enabled = (list.items ?? []).filter((connector) => connector.status === 'enabled');
  return (
    <>
      {enabled.map((connector) => (
        <ClockTrouble key={connector.id} connector={connector} withLink />
      ))}
      {enabled.filter(isInTrouble).map((connector) => (
        <ConnectorTrouble key={connector.id} connector={connector} withLink />
      ))}
    </>
  );
}
