import { lazy } from 'react';
import { useSomethingWaits } from './approvals/waiting';
import { useReadsEverything } from './forge/standing';
import { useUnread } from './inbox/unread';
import { useEmergencies } from './emergency/taken';
import { t } from './messages';
import { useReviewsWait } from './reviews/waiting';
import { startSurface } from './shell/start';

const RequestPage = lazy(() => import('./requests/RequestPage'));

void startSurface({
  name: 'app',
  navigation: [
    { path: '/my-access', label: t.access.title, also: ['/access/', '/explain'] },
    { path: '/tools', label: t.catalog.title, also: ['/proposed-tools'] },
    { path: '/requests', label: t.requests.title },
    { path: '/emergency', label: t.emergency.title, useShown: useEmergencies },
    { path: '/approvals', label: t.approvals.title, also: ['/delegations'], useShown: useSomethingWaits },
    { path: '/reviews', label: t.reviews.title, useShown: useReviewsWait },
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
    { path: '/proposed-tools', page: lazy(() => import('./tool-proposals/ToolProposalsPage')) },
    { path: '/proposed-tools/new', page: lazy(() => import('./tool-proposals/ProposePage')) },
    { path: '/proposed-tools/:id', page: lazy(() => import('./tool-proposals/ToolProposalPage')) },
    { path: '/emergency', page: lazy(() => import('./emergency/EmergencyPage')) },
    { path: '/requests', page: lazy(() => import('./requests/RequestHistoryPage')) },
    { path: '/requests/:id', page: RequestPage },
    { path: '/tokens', page: lazy(() => import('./tokens/TokensPage')) },
    { path: '/reviews', page: lazy(() => import('./reviews/MyReviewsPage')) },
    { path: '/inbox', page: lazy(() => import('./inbox/InboxPage')) },
    { path: '/approvals', page: lazy(() => import('./approvals/ApprovalsPage')) },
    { path: '/delegations', page: lazy(() => import('./delegations/DelegationsPage')) },
    { path: '/log', page: lazy(() => import('./log/LogPage')) },
  ],
});
