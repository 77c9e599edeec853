import { OperationError } from './errors';
import type { Input, OperationName, Output } from './operations';
import { transport } from './transport';

/** Asks the person to prove who they are again; true when they did. Set by the shell, which owns the dialog. */
type Reauthenticate = () => Promise<boolean>;
type SignedOut = () => void;

const hooks: { reauthenticate: Reauthenticate; signedOut: SignedOut } = {
  reauthenticate: () => Promise.resolve(false),
  signedOut: () => undefined,
};

export function onSignInRequired(reauthenticate: Reauthenticate): void {
  hooks.reauthenticate = reauthenticate;
}

export function onSignedOut(signedOut: SignedOut): void {
  hooks.signedOut = signedOut;
}

/**
 * Runs an operation: the only way a page gets or changes anything.
 * Operations that need a recent sign-in ask for one and then run again, once, under the same idempotency key.
 */
export async function invoke<O extends OperationName>(
  operation: O,
  input: Input<O>,
  idempotencyKey: string | null = null,
): Promise<Output<O>> {
  const run = () => transport().call(operation, input as object, idempotencyKey) as Promise<Output<O>>;
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    if (error.status === 401) hooks.signedOut();
    if (error.code === 'sign_in_required' && (await hooks.reauthenticate())) return run();
    throw error;
  }
}

/** A fresh key for one action of a person. 128 random bits; works without a secure context, unlike `randomUUID`. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
