// Blanks are what removed documents leave behind (commit.ts). A day later nobody can be half-way through a commit that read the document.
import { Filter, FilterConditions, kvs, Sort, WhereConditions } from '@forge/kvs';

import { report } from '../report';
import { BLANK, DOCUMENT, isConditionFailed, listing, SLOTS, type Stored } from './entity';

const DAY = 24 * 60 * 60 * 1000;
/** Removed in one run; the rest is for the next. */
const MAX_REMOVED = 2000;

export async function removeBlanks(): Promise<void> {
  const before = new Date(Date.now() - DAY).toISOString();
  let count = 0;
  let cursor: string | undefined;
  do {
    let page = kvs.entity<Stored>(DOCUMENT).query().index(`slot-${SLOTS}`, { partition: [listing(BLANK)] }).sort(Sort.ASC).limit(100);
    page = page.where(WhereConditions.lessThan(before));
    if (cursor !== undefined) page = page.cursor(cursor);
    const { results, nextCursor } = await page.getMany();
    await Promise.all(results.map(({ key, value }) => remove(key, value)));
    count += results.length;
    cursor = nextCursor;
  } while (cursor !== undefined && count < MAX_REMOVED);
  if (count > 0) report('blanks_removed', { count });
}

/** Only if it is still the blank that was found: the same key may have been made again. */
async function remove(key: string, { commit }: Stored): Promise<void> {
  const filter = new Filter<Stored>().and('commit', FilterConditions.equalTo(commit)).and('rev', FilterConditions.notExists());
  try {
    await kvs.transact().delete(key, { entityName: DOCUMENT, conditions: filter as never }).execute();
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}
