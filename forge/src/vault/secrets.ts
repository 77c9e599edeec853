// The platform's secret storage. Secrets cannot be listed and take no part in transactions: the rules write a secret before the document
// that names it, and destroy it by a document that remembers what must go.
import { kvs } from '@forge/kvs';

import { escape, isConditionFailed } from '../storage/entity';

const secretKey = (place: string): string => `vault:${escape(place)}`;

export async function keepSecret(place: string, secret: string): Promise<void> {
  await kvs.setSecret(secretKey(place), secret);
}

export async function readSecret(place: string): Promise<string | null> {
  return (await kvs.getSecret<string>(secretKey(place))) ?? null;
}

export async function destroySecret(place: string): Promise<void> {
  await kvs.deleteSecret(secretKey(place));
}

/** The secret at a place; made when there is none. Of two makers at once one wins, and both get the same. */
export async function readOrMake(place: string, make: () => Promise<string>): Promise<string> {
  const found = await readSecret(place);
  if (found !== null) return found;
  const made = await make();
  try {
    await kvs.setSecret(secretKey(place), made, { keyPolicy: 'FAIL_IF_EXISTS' });
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
  // What is stored now is the one, whoever made it.
  return (await readSecret(place)) ?? made;
}
