import { invoke } from '../api/invoke';
import { newIdempotencyKey } from '../api/invoke';
import type { ImportedRow } from '../api/types';
import { type CsvRow, hundreds } from './csv';

/** A part of a file, with what the server said would change, and whether it was applied. */
export interface Part {
  rows: CsvRow[];
  answer: ImportedRow[];
  digest: string;
  applied: boolean;
}

export interface Applied {
  applied: number;
  proposals: number;
}

/** Whether applying a part would do anything. */
export const changes = ({ answer }: Part): boolean => answer.some(({ change }) => change === 'add' || change === 'change');

/** Asks what a file would change, a hundred rows at a time, from where an earlier try ended. Nothing is changed. */
export async function compare(connector: string, rows: CsvRow[], known: Part[], told: (parts: Part[]) => boolean): Promise<Part[]> {
  const parts = [...known];
  for (const part of hundreds(rows).slice(parts.length)) {
    const answer = await invoke('identities.import', { connector, rows: part });
    parts.push({ rows: part, answer: answer.rows, digest: answer.digest, applied: false });
    if (!told([...parts])) break;
  }
  return parts;
}

/** Applies what was shown, part by part; a part of which anything has changed since is refused by the server. */
export async function apply(connector: string, parts: Part[], told: (parts: Part[], done: Applied) => boolean): Promise<void> {
  const now = [...parts];
  for (const [place, part] of parts.entries()) {
    if (part.applied || !changes(part)) continue;
    const { rows, digest } = part;
    const { applied, proposals } = await invoke('identities.import', { connector, rows, digest }, newIdempotencyKey());
    now[place] = { ...part, applied: true };
    if (!told([...now], { applied, proposals })) break;
  }
}
