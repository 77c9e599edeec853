import { t } from '../messages';
import { Page } from '../shell/Page';
import { RequestTable } from './RequestTable';

/** Everything this person asked for. */
export default function RequestHistoryPage() {
  return (
    <Page title={t.requests.title} lead={t.requests.lead}>
      <RequestTable mine label={t.requests.list} />
    </Page>
  );
}
