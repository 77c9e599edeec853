import { ConnectorTroubles } from '../connectors/ConnectorBanner';
import { StuckRemovals } from '../jobs/StuckRemovals';

/** Above every administration page: access that should be gone and is not, and connectors that do not work. */
export function AdminBanner() {
  return (
    <div className="c-banners" role="status">
      <StuckRemovals />
      <ConnectorTroubles />
    </div>
  );
}
