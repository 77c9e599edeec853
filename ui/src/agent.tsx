import { lazy } from 'react';
import { startPanels } from './forge/start';

const IssuePanel = lazy(() => import('./issues/IssuePanel'));
const QueuePage = lazy(() => import('./issues/QueuePage'));

/** What a service desk's agents see: clearance beside an issue, and which issues wait. */
void startPanels({
  issue: (where) => <IssuePanel issue={where.issue ?? ''} />,
  queue: () => <QueuePage />,
});
