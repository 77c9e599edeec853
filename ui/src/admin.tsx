import { lazy } from 'react';
import { t } from './messages';
import { useIsAdministrator } from './shell/session';
import { startSurface } from './shell/start';

void startSurface({
  name: 'admin',
  navigation: [
    { path: '/intake', label: t.approvals.intakeTitle, useShown: useIsAdministrator },
    { path: '/catalog', label: t.catalog.adminTitle },
    { path: '/requests', label: t.requests.adminTitle, also: ['/access/'] },
    { path: '/people', label: t.people.title },
    { path: '/governance', label: t.policy.title },
    { path: '/log', label: t.log.title },
    { path: '/settings', label: t.settings.title },
  ],
  home: ({ person }) => (person.role === 'administrator' ? '/intake' : '/log'),
  routes: [
    { path: '/intake', page: lazy(() => import('./approvals/IntakePage')) },
    { path: '/catalog', page: lazy(() => import('./catalog/CatalogPage')) },
    { path: '/catalog/:id', page: lazy(() => import('./catalog/ToolFormPage')) },
    { path: '/requests', page: lazy(() => import('./requests/RequestsPage')) },
    { path: '/requests/:id', page: lazy(() => import('./requests/RequestPage')) },
    { path: '/access/:id', page: lazy(() => import('./access/GrantPage')) },
    { path: '/people', page: lazy(() => import('./people/PeoplePage')) },
    { path: '/governance', page: lazy(() => import('./policy/GovernancePage')) },
    { path: '/settings', page: lazy(() => import('./settings/SettingsPage')) },
    { path: '/log', page: lazy(() => import('./log/LogPage')) },
  ],
});
