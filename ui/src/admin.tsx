import { lazy } from 'react';
import { useUnread } from './inbox/unread';
import { t } from './messages';
import { AdminBanner } from './shell/AdminBanner';
import { useIsAdministrator } from './shell/session';
import { startSurface } from './shell/start';

void startSurface({
  name: 'admin',
  navigation: [
    { path: '/intake', label: t.approvals.intakeTitle, also: ['/proposed-tools'], useShown: useIsAdministrator },
    { path: '/catalog', label: t.catalog.adminTitle },
    { path: '/connectors', label: t.connectors.title },
    { path: '/jobs', label: t.jobs.title },
    { path: '/drift', label: t.drift.title },
    { path: '/requests', label: t.requests.adminTitle, also: ['/access/'] },
    { path: '/emergency', label: t.emergency.title },
    { path: '/people', label: t.people.title },
    { path: '/governance', label: t.governance.title },
    { path: '/insights', label: t.insights.title },
    { path: '/log', label: t.log.title },
    { path: '/settings', label: t.settings.title },
    { path: '/inbox', label: t.inbox.title, useCount: useUnread },
  ],
  home: ({ person }) => (person.role === 'administrator' ? '/intake' : '/log'),
  banner: AdminBanner,
  routes: [
    { path: '/intake', page: lazy(() => import('./approvals/IntakePage')) },
    { path: '/proposed-tools/:id', page: lazy(() => import('./tool-proposals/ToolProposalPage')) },
    { path: '/emergency', page: lazy(() => import('./emergency/EmergencyPage')) },
    { path: '/catalog', page: lazy(() => import('./catalog/CatalogPage')) },
    { path: '/catalog/:id', page: lazy(() => import('./catalog/ToolFormPage')) },
    { path: '/catalog/:id/group', page: lazy(() => import('./provider-groups/ToolGroupPage')) },
    { path: '/connectors', page: lazy(() => import('./connectors/ConnectorsPage')) },
    { path: '/connectors/new', page: lazy(() => import('./connectors/ConnectorNewPage')) },
    { path: '/connectors/:id', page: lazy(() => import('./connectors/ConnectorPage')) },
    { path: '/connectors/:id/edit', page: lazy(() => import('./connectors/ConnectorEditPage')) },
    { path: '/connectors/:id/set-up', page: lazy(() => import('./connectors/ConnectorSetUpPage')) },
    { path: '/connectors/:id/identities', page: lazy(() => import('./identities/IdentitiesPage')) },
    { path: '/connectors/:id/import', page: lazy(() => import('./identities/ImportPage')) },
    { path: '/jobs', page: lazy(() => import('./jobs/JobsPage')) },
    { path: '/jobs/:id', page: lazy(() => import('./jobs/JobPage')) },
    { path: '/drift', page: lazy(() => import('./drift/DriftPage')) },
    { path: '/requests', page: lazy(() => import('./requests/RequestsPage')) },
    { path: '/requests/:id', page: lazy(() => import('./requests/RequestPage')) },
    { path: '/access/:id', page: lazy(() => import('./access/GrantPage')) },
    { path: '/people', page: lazy(() => import('./people/PeoplePage')) },
    { path: '/governance', page: lazy(() => import('./policy/GovernancePage')) },
    { path: '/governance/draft', page: lazy(() => import('./policy/DraftPage')) },
    { path: '/governance/draft/:id', page: lazy(() => import('./policy/RuleFormPage')) },
    { path: '/governance/versions/:id', page: lazy(() => import('./policy/VersionPage')) },
    { path: '/explain', page: lazy(() => import('./access/ExplainPage')) },
    { path: '/insights', page: lazy(() => import('./insights/InsightsPage')) },
    { path: '/inbox', page: lazy(() => import('./inbox/InboxPage')) },
    { path: '/settings', page: lazy(() => import('./settings/SettingsPage')) },
    { path: '/log', page: lazy(() => import('./log/LogPage')) },
  ],
});
