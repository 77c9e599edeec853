/**
 * The one seam between these pages and whatever runs the operations. Two implementations: HTTP against the self-hosted
 * server (`http.ts`), and the bridge to Jira (`../forge/transport.ts`). Pages never see which one it is.
 */
export interface Transport {
  /**
   * Runs one operation and gives its output, or rejects with an `OperationError`.
   * `idempotencyKey` is present on commands: the same key with the same input never acts twice.
   */
  call(operation: string, input: object, idempotencyKey: string | null): Promise<unknown>;
}

let current: Transport | null = null;

/** Chosen once, at start-up, by the entry file. */
export function chooseTransport(transport: Transport): void {
  current = transport;
}

export function transport(): Transport {
  if (!current) throw new Error('no transport was chosen before the first operation');
  return current;
}
