import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { InboxItemView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { useHost } from '../shell/host';
import { ListTable } from '../shell/ListTable';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useSurface } from '../shell/session';
import { When } from '../shell/When';
import { Preferences } from './Preferences';
import { targetOf } from './target';

const text = t.inbox;
type Shown = keyof typeof text.shows;
/** Items that one call marks. */
const markedAtOnce = 16;

/** What waits for the person, what became of theirs, and how they want to hear of it. */
export default function InboxPage() {
  const [shown, setShown] = useState<Shown>('all');
  const list = useList('inbox.list', { unread: shown === 'unread' });
  const mark = useCommand('inbox.mark_read');
  const [error, setError] = useState<unknown>(null);
  const unread = (list.items ?? []).filter((item) => !item.read).map((item) => item.id);
  const markRead = async (ids: readonly string[]) => {
    setError(null);
    try {
      for (let from = 0; from < ids.length; from += markedAtOnce) await mark.run({ items: ids.slice(from, from + markedAtOnce) });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        unread.length > 0 && (
          <Button onClick={() => void markRead(unread)} isLoading={mark.busy}>
            {text.markAll}
          </Button>
        )
      }
    >
      {error !== null && <Problem error={error} />}
      <search className="c-filters">
        <ChoiceFilter label={text.show} options={optionsOf(text.shows)} value={shown} onChange={(next) => setShown(next ?? 'all')} />
      </search>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(item) => item.id}
        empty={
          shown === 'unread' ? (
            <Empty title={text.noneUnread} hint={text.noneUnreadHint} />
          ) : (
            <Empty title={text.none} hint={text.noneHint} />
          )
        }
        columns={[
          { key: 'what', header: text.what, cell: (item) => <What item={item} /> },
          { key: 'until', header: text.until, width: 24, cell: (item) => <Until item={item} /> },
          { key: 'since', header: text.since, width: 17, cell: (item) => <When at={item.at} /> },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 14,
            cell: (item) =>
              !item.read && (
                <Button spacing="compact" aria-label={text.markReadOf(item.subject)} onClick={() => void markRead([item.id])}>
                  {text.markRead}
                </Button>
              ),
          },
        ]}
      />
      <Preferences />
    </Page>
  );
}

function What({ item }: { item: InboxItemView }) {
  const target = targetOf(item.link, useSurface(), useHost());
  return (
    <>
      <div className={item.read ? undefined : 'c-strong'}>{target ? <a href={target}>{item.subject}</a> : item.subject}</div>
      <p>{item.text}</p>
      <div className="c-actions">
        {!item.read && <Lozenge appearance="inprogress">{text.isUnread}</Lozenge>}
        {item.asks && <Lozenge appearance="moved">{text.asks}</Lozenge>}
      </div>
    </>
  );
}

/** The deadline, and what happens then. */
function Until({ item }: { item: InboxItemView }) {
  return (
    <>
      {item.deadline && <When at={item.deadline} relative />}
      {item.otherwise && <p className="c-subtle">{item.asks ? text.otherwise(item.otherwise) : text.then(item.otherwise)}</p>}
    </>
  );
}
