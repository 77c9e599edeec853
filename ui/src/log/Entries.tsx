import Button from '@atlaskit/button/new';
import { ModalTransition } from '@atlaskit/modal-dialog';
import { useEffect, useRef, useState } from 'react';
import { type List, useList } from '../api/hooks';
import type { EntryView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { useHashQuery } from '../shell/hash';
import { ListTable } from '../shell/ListTable';
import { useTimeZone } from '../shell/session';
import { When } from '../shell/When';
import { contentOf, kindOf } from './entries';
import { EntryDialog } from './EntryDialog';
import { FilterBar } from './FilterBar';
import { filterOf, inputOf, isFiltered, queryOf, searches } from './filter';

const text = t.log;
const pageSize = 50;

/** The log entry by entry, newest first, narrowed to what the address says. */
export function Entries() {
  const [query, setQuery] = useHashQuery();
  const filter = filterOf(query);
  const list = useList('audit.entries', inputOf(filter, useTimeZone()), pageSize, { costly: searches(filter) });
  const [shown, setShown] = useState<EntryView | null>(null);
  const searching = useSearchOn(list, searches(filter) ? query.toString() : null);
  return (
    <>
      <FilterBar
        filter={filter}
        onChange={(next) => setQuery(queryOf(next))}
        nameOf={(id) => list.items?.find((entry) => entry.person?.id === id)?.person?.name}
      />
      <div aria-live="polite">{searching && <p className="c-subtle">{text.searching}</p>}</div>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(entry) => String(entry.index)}
        empty={
          isFiltered(filter) ? <Empty title={text.noneFound} hint={text.noneFoundHint} /> : <Empty title={text.none} hint={text.noneHint} />
        }
        columns={[
          { key: 'index', header: text.index, width: 8, cell: (entry) => entry.index },
          { key: 'at', header: text.at, width: 22, cell: (entry) => <When at={entry.at} /> },
          { key: 'kind', header: text.kind, width: 26, cell: (entry) => kindOf(entry) },
          { key: 'actor', header: text.actor, cell: (entry) => entry.person?.name ?? contentOf(entry).actor },
          {
            key: 'show',
            header: t.common.actions,
            headerHidden: true,
            width: 12,
            cell: (entry) => (
              <Button spacing="compact" aria-label={text.showEntry(entry.index)} onClick={() => setShown(entry)}>
                {t.common.details}
              </Button>
            ),
          },
        ]}
      />
      <ModalTransition>{shown && <EntryDialog entry={shown} onClose={() => setShown(null)} />}</ModalTransition>
    </>
  );
}

/** Matches that fill the first screen. */
const enough = 20;
/** Parts of the log that are searched without asking. */
const mostParts = 20;

/**
 * The server searches a long log part by part, so that a page may hold few matches or none. This goes on until a screen is full; `search`
 * names what is looked for, null when nothing is.
 */
function useSearchOn(list: List<EntryView>, search: string | null): boolean {
  const parts = useRef({ search, count: 0 });
  if (parts.current.search !== search) parts.current = { search, count: 0 };
  const wanting = search !== null && list.hasMore && !list.error && (list.items?.length ?? 0) < enough;
  const goesOn = wanting && parts.current.count < mostParts;
  const { loadMore, loadingMore } = list;
  useEffect(() => {
    if (!goesOn || loadingMore) return;
    parts.current.count += 1;
    loadMore();
    // `loadMore` is another function each time; what matters is where the search stands.
  }, [goesOn, loadingMore]);
  return goesOn;
}
