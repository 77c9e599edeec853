// Reads by key, strictly consistent. A read changes nothing, so one that the platform could not answer just now is asked again.
import { kvs } from '@forge/kvs';

import { DOCUMENT, isRefusedForGood, LOG, type Stored } from './entity';
import type { LogValue } from './head';

const MAX_ATTEMPTS = 3;
/** Milliseconds before the second try; four times as long before the third. */
const FIRST_PAUSE = 100;

export const readDocument = (key: string): Promise<Stored | undefined> => patiently(() => kvs.entity<Stored>(DOCUMENT).get(key));

export const readLog = <T>(key: string): Promise<LogValue<T> | undefined> => patiently(() => kvs.entity<LogValue<T>>(LOG).get(key));

export async function patiently<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || isRefusedForGood(error)) throw error;
      await new Promise((done) => setTimeout(done, FIRST_PAUSE * 4 ** (attempt - 1)));
    }
  }
}
