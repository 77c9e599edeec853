import Papa from 'papaparse';
import { t } from '../messages';

export interface CsvRow {
  person: string;
  account: string;
}

/** A file that cannot be imported, with the sentence that says why. */
export class CsvProblem extends Error {
  override readonly name = 'CsvProblem';
}

export const largestFile = 5_000_000;
const text = t.identities.fileProblems;

/** Reads a table with the columns `person` and `account` (RFC 4180, also with semicolons); other columns are left alone. */
export function rowsOf(csv: string): CsvRow[] {
  if (csv.length > largestFile) throw new CsvProblem(text.size);
  const { data, errors, meta } = Papa.parse<Record<string, string | undefined>>(csv, {
    header: true,
    skipEmptyLines: 'greedy',
    delimitersToGuess: [',', ';', '\t'],
    transformHeader: (name) => name.trim().toLowerCase(),
  });
  if (data.length === 0 && !meta.fields?.length) throw new CsvProblem(text.empty);
  if (!meta.fields?.includes('person') || !meta.fields.includes('account')) throw new CsvProblem(text.columns);
  if (errors.some(({ type }) => type === 'Quotes')) throw new CsvProblem(text.unreadable);
  if (data.length === 0) throw new CsvProblem(text.empty);
  const rows = data.map((row) => ({ person: row.person?.trim() ?? '', account: row.account?.trim() ?? '' }));
  // The first row is the header, and people count from one.
  const lacking = rows.flatMap(({ person, account }, place) => (person && account ? [] : [place + 2]));
  if (lacking.length > 0) throw new CsvProblem(text.rows + lacking.slice(0, 10).join(', ') + (lacking.length > 10 ? ' …' : '.'));
  return rows;
}

/** Rows as one call takes them. */
export function hundreds<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < rows.length; from += 100) parts.push(rows.slice(from, from + 100));
  return parts;
}
