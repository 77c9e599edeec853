import { LinkButton } from '@atlaskit/button/new';
import { Tasks } from '../access/Tasks';
import { t } from '../messages';
import { Page } from '../shell/Page';
import { Queue } from './Queue';

/** Requests and tasks that wait for this person. */
export default function ApprovalsPage() {
  return (
    <Page title={t.approvals.title} lead={t.approvals.lead} actions={<LinkButton href="#/delegations">{t.delegations.link}</LinkButton>}>
      <Queue />
      <Tasks />
    </Page>
  );
}
