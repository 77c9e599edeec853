import DynamicTable from '@atlaskit/dynamic-table';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useState } from 'react';
import Button from '@atlaskit/button/new';
import type { ImportedRow } from '../api/types';
import { t } from '../messages';
import { Section } from '../shell/Page';
import { asSentence } from '../shell/problems';
import { changes, type Part } from './importing';

const text = t.identities;
const colours: Record<ImportedRow['change'], ThemeAppearance> = { add: 'success', change: 'moved', same: 'default', problem: 'removed' };
/** Problems first: they are what somebody has to see to. */
const order: Record<ImportedRow['change'], number> = { problem: 0, change: 1, add: 2, same: 3 };
const rowsAtOnce = 200;

/** What an import would change, row by row. */
export function ImportDiff({ parts }: { parts: Part[] }) {
  const [most, setMost] = useState(rowsAtOnce);
  const rows = parts
    .flatMap(({ rows: given, answer }) => answer.map((row, place) => ({ ...row, given: given[place] })))
    .map((row, place) => ({ ...row, number: place + 2 }));
  const count = (change: ImportedRow['change']) => rows.filter((row) => row.change === change).length;
  const sorted = rows.toSorted((one, other) => order[one.change] - order[other.change]);
  const hidden = rows.length - most;
  return (
    <Section title={text.diff}>
      <p role="status">
        {text.counts(count('add'), count('change'), count('same'), count('problem'))} {count('problem') > 0 && text.problemsStay}
        {!parts.some(changes) && ` ${text.nothing}.`}
      </p>
      <div className="c-table">
        <DynamicTable
          label={text.diff}
          head={{
            cells: [
              { key: 'row', content: text.row, width: 8 },
              { key: 'change', content: text.change, width: 14 },
              { key: 'person', content: text.person, width: 28 },
              { key: 'account', content: text.account },
            ],
          }}
          rows={sorted.slice(0, most).map((row) => ({
            key: String(row.number),
            cells: [
              { key: 'row', content: row.number },
              { key: 'change', content: <Lozenge appearance={colours[row.change]}>{text.changes[row.change]}</Lozenge> },
              { key: 'person', content: row.person?.name ?? row.given?.person },
              {
                key: 'account',
                content: (
                  <>
                    {row.account_name ? (row.hint ? text.accountOf(row.account_name, row.hint) : row.account_name) : row.given?.account}
                    {row.problem && <p>{problemInWords(row.problem, row.message)}</p>}
                  </>
                ),
              },
            ],
          }))}
        />
      </div>
      {hidden > 0 && (
        <p className="c-actions">
          <span className="c-subtle">{text.moreRows(hidden)}</span>
          <Button onClick={() => setMost(most + rowsAtOnce)}>{t.common.showMore}</Button>
        </p>
      )}
    </Section>
  );
}

function problemInWords(code: string, message: string | null | undefined): string {
  const known = { ...t.refusals, ...text.problems } as Record<string, string | undefined>;
  return known[code] ?? (message ? asSentence(message) : code);
}
