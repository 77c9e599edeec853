import { lazy } from 'react';
import { useSomethingWaits } from './approvals/waiting';
import { useReadsEverything } from './forge/standing';
import { useUnread } from './inbox/unread';
import { t } from './messages';
import { startSurface } from './shell/start';

const RequestPage = lazy(() => import('./requests/RequestPage'));

void startSurface({
  name: 'app',
  navigation: [
    { path: '/my-access', label: t.access.title, also: ['/access/', '/explain'] },
    { path: '/tools', label: t.catalog.title },
    { path: '/requests', label: t.requests.title },
    { path: '/approvals', label: t.approvals.title, also: ['/delegations'], useShown: useSomethingWaits },
    { path: '/inbox', label: t.inbox.title, useCount: useUnread },
    // On our own server auditors have the admin page; Jira shows that to its administrators only.
    { path: '/log', label: t.log.title, useShown: useReadsEverything },
  ],
  home: () => '/my-access',
  routes: [
    { path: '/my-access', page: lazy(() => import('./access/MyAccessPage')) },
    { path: '/access/:id', page: lazy(() => import('./access/GrantPage')) },
    { path: '/explain', page: lazy(() => import('./access/ExplainPage')) },
    { path: '/tools', page: lazy(() => import('./catalog/ToolsPage')) },
    { path: '/tools/:id', page: lazy(() => import('./catalog/ToolPage')) },
    { path: '/tools/:id/request', page: lazy(() => import('./requests/RequestFormPage')) },
    { path: '/requests', page: lazy(() => import('./requests/RequestHistoryPage')) },
    { path: '/requests/:id', page: RequestPage },
    { path: '/tokens', page: lazy(() => import('./tokens/TokensPage')) },
    { path: '/inbox', page: lazy(() => import('./inbox/InboxPage')) },
    { path: '/approvals', page: lazy(() => import('./approvals/ApprovalsPage')) },
    { path: '/delegations', page: lazy(() => import('./delegations/DelegationsPage')) },
    { path: '/log', page: lazy(() => import('./log/LogPage')) },
  ],
});
