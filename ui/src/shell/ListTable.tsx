import Button from '@atlaskit/button/new';
import DynamicTable from '@atlaskit/dynamic-table';
import VisuallyHidden from '@atlaskit/visually-hidden';
import type { ReactElement, ReactNode } from 'react';
import type { List } from '../api/hooks';
import { t } from '../messages';
import { LoadingRows } from './Loading';
import { Problem } from './problems';

export interface Column<I> {
  key: string;
  header: string;
  /** Share of the width in percent. */
  width?: number;
  /** The header is for screen readers only (checkboxes, buttons). */
  headerHidden?: boolean;
  cell: (item: I) => ReactNode;
}

interface ListTableProps<I> {
  /** Accessible name of the table. */
  label: string;
  list: List<I>;
  columns: readonly Column<I>[];
  rowKey: (item: I) => string;
  /** What to show, and teach, when there is nothing. */
  empty: ReactElement;
}

/** One page after another of a list operation, with its loading, empty and error states. */
export function ListTable<I>({ label, list, columns, rowKey, empty }: ListTableProps<I>) {
  if (list.error && !list.items) return <Problem error={list.error} onRetry={list.retry} />;
  if (!list.items) return <LoadingRows label={t.common.loading(label)} />;
  // A search that found nothing yet goes on with the next page.
  if (list.items.length === 0) return list.hasMore ? <More list={list} /> : empty;
  return (
    <>
      <div className="c-table">
        <DynamicTable
          label={label}
          head={{
            cells: columns.map((column) => ({
              key: column.key,
              width: column.width,
              content: column.headerHidden ? <VisuallyHidden>{column.header}</VisuallyHidden> : column.header,
            })),
          }}
          rows={list.items.map((item) => ({
            key: rowKey(item),
            cells: columns.map((column) => ({ key: column.key, content: column.cell(item) })),
          }))}
        />
      </div>
      <More list={list} />
    </>
  );
}

/** How many are shown, and the button for the next page. */
export function More<I>({ list }: { list: List<I> }) {
  const count = list.items?.length ?? 0;
  return (
    <div className="c-more">
      <span aria-live="polite" className="c-subtle">
        {list.hasMore ? t.common.shownSoFar(count) : t.common.shown(count)}
      </span>
      {list.hasMore && (
        <Button onClick={list.loadMore} isLoading={list.loadingMore}>
          {t.common.showMore}
        </Button>
      )}
      {list.error && <Problem error={list.error} onRetry={list.retry} />}
    </div>
  );
}
