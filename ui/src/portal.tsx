import { lazy } from 'react';
import { place, inForge } from './forge/bridge';
import { startInForge, startPanels } from './forge/start';
import { t } from './messages';

const CreatePanel = lazy(() => import('./intake/CreatePanel'));
const IssuePanel = lazy(() => import('./issues/IssuePanel'));

/** What a portal's customers see: a part of the request form, a part of each request, and their own access. */
async function begin(): Promise<void> {
  if (inForge() && (await place()).moduleKey === 'portal-access') return startInForge(myAccess);
  return startPanels({
    'portal-create': (where) => <CreatePanel where={where} />,
    'portal-detail': (where) => <IssuePanel issue={where.issue ?? ''} />,
  });
}

const myAccess = {
  name: 'app' as const,
  navigation: [
    { path: '/my-access', label: t.access.title, also: ['/access/', '/explain'] },
    { path: '/tools', label: t.catalog.title },
    { path: '/requests', label: t.requests.title },
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
    { path: '/requests/:id', page: lazy(() => import('./requests/RequestPage')) },
  ],
};

void begin();
