import { t } from '../messages';
import { Page } from '../shell/Page';
import { ExportRequests } from './ExportRequests';
import { RequestTable } from './RequestTable';

/** Everything anybody asked for. */
export default function RequestsPage() {
  return (
    <Page title={t.requests.adminTitle} lead={t.requests.adminLead} actions={<ExportRequests />}>
      <RequestTable mine={false} label={t.requests.adminList} />
    </Page>
  );
}
