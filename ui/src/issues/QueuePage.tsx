import { useEffect } from 'react';
import { useList } from '../api/hooks';
import type { WaitingIssue } from '../api/types';
import { JiraLink } from '../forge/bridge';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { Page } from '../shell/Page';
import { When } from '../shell/When';

const text = t.issues;

/** Issues that wait for somebody. */
export default function QueuePage() {
  const list = useList('issues.waiting', {});
  // A page comes empty when what it held is not this person's to see: a person wants the first that is.
  const { items, hasMore, loadingMore, loadMore } = list;
  useEffect(() => {
    if (items?.length === 0 && hasMore && !loadingMore) loadMore();
  }, [items?.length, hasMore, loadingMore, loadMore]);
  return (
    <Page title={text.queueTitle} lead={text.queueLead}>
      <ListTable
        label={text.queueList}
        list={list}
        rowKey={(item) => item.issue}
        empty={<Empty title={text.queueNone} hint={text.queueNoneHint} />}
        columns={[
          {
            key: 'tool',
            header: text.tool,
            width: 22,
            cell: (item) => item.tool?.name ?? <span className="c-subtle">{text.notYours}</span>,
          },
          { key: 'requester', header: text.requester, width: 20, cell: (item) => item.requester?.name ?? t.common.none },
          { key: 'waits', header: text.waitsFor, width: 22, cell: (item) => text.waitsForWords[item.waits_for] },
          { key: 'since', header: text.since, width: 24, cell: (item) => <When at={item.since} /> },
          { key: 'issue', header: text.issue, headerHidden: true, cell: (item) => <IssueLink item={item} /> },
        ]}
      />
    </Page>
  );
}

/** Jira finds an issue by its id only through a search. */
function IssueLink({ item }: { item: WaitingIssue }) {
  const whose = item.tool && item.requester ? text.openIssueOf(item.tool.name, item.requester.name) : text.openIssueNumber(item.issue);
  return (
    <JiraLink path={`/issues/?jql=${encodeURIComponent(`id = ${item.issue}`)}`} label={whose}>
      {text.openIssue}
    </JiraLink>
  );
}
