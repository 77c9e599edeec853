import { OperationError } from '../api/errors';
import { invoke } from '../api/invoke';
import type { Output } from '../api/operations';
import { downloadBlob } from '../shell/download';

/** Times that a portion is asked for again when the platform does not answer, and the milliseconds between: its allowances are by the minute. */
const ATTEMPTS = 8;
const PAUSE = 15_000;

/** Fetches an export a portion at a time, and hands it to the browser as a file. Tells how many bytes are there. */
export async function downloadExport(id: string, told: (bytes: number) => void): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, from]: [number, number | null | undefined] = [0, 0];
  for (;;) {
    const portion: Output<'exports.read'> = await patiently(() => invoke('exports.read', { export: id, from: from ?? 0 }));
    const part = Uint8Array.from(atob(portion.content), (character) => character.charCodeAt(0));
    parts.push(part);
    bytes += part.length;
    told(bytes);
    from = portion.next;
    if (from == null) return downloadBlob(portion.file, new Blob(parts));
  }
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof OperationError && error.unanswered) || attempt === ATTEMPTS) throw error;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }
}
