// Every function of the manifest. No tenant's data is kept outside an invocation: processes are shared.
import { resolver } from './surfaces/resolver';

export { consume } from './clockwork/consume';
export { daily, hourly, sweep } from './clockwork/schedule';
export { mayComplete } from './events/transition';
export { onInstalled, onIssue, onUninstall, onUser } from './events/product';

export const admin = resolver('admin');
export const app = resolver('app');
export const portal = resolver('portal');
