import { isRecord, OperationError } from '../api/errors';
import { transport } from '../api/transport';
import { downloadBlob } from '../shell/download';

/** One portion, as the app's function gives it: this call exists inside Jira only, so the API's own types do not have it. */
interface Portion {
  file: string;
  /** Base64. */
  content: string;
  /** What to give back for the next portion; none when this was the last. */
  next: unknown;
}

/** Fetches an export a portion at a time, and hands it to the browser as a file. Tells how many bytes are there. */
export async function downloadExport(id: string, told: (bytes: number) => void): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, next]: [number, unknown] = [0, null];
  for (;;) {
    const portion = portionOf(await transport().call('exports.read', { export: id, ...(next ? { next } : {}) }, null));
    const part = Uint8Array.from(atob(portion.content), (character) => character.charCodeAt(0));
    parts.push(part);
    bytes += part.length;
    told(bytes);
    next = portion.next;
    if (!next) return downloadBlob(portion.file, new Blob(parts));
  }
}

function portionOf(answer: unknown): Portion {
  if (isRecord(answer) && typeof answer.file === 'string' && typeof answer.content === 'string') return answer as unknown as Portion;
  throw new OperationError('internal', '', 500);
}
