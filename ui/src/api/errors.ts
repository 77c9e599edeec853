/** What an operation answers when it refuses or fails: the wire's `{"error": {"code", "message", "details"}}`. */
export class OperationError extends Error {
  override readonly name = 'OperationError';

  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly details: unknown = null,
    /** Seconds to wait before trying again, when the server named them. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** When it will work again, if the server said so: an instant, and how many seconds there were to wait. */
  get comeBack(): { at: string; seconds: number } | null {
    const details = isRecord(this.details) ? this.details : {};
    const seconds = typeof details.retry_after === 'number' ? details.retry_after : this.retryAfter;
    if (seconds === null) return null;
    const at = typeof details.retry_at === 'string' ? details.retry_at : new Date(Date.now() + seconds * 1000).toISOString();
    return { at, seconds };
  }

  /** True when the server gave no verdict, so that the same action may be sent again under the same idempotency key. */
  get unanswered(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** No answer arrived: the network is down or the server is gone. */
export function unreachable(): OperationError {
  return new OperationError('unreachable', '', 0);
}

/** Reads an error answer; a body that is not ours (a proxy's page) becomes a plain failure. */
export async function errorFrom(response: Response): Promise<OperationError> {
  const after = Number(response.headers.get('Retry-After'));
  const retryAfter = Number.isFinite(after) && after > 0 ? after : null;
  const body: unknown = await response.json().catch(() => null);
  const error = isRecord(body) && isRecord(body.error) ? body.error : null;
  if (error && typeof error.code === 'string') {
    const message = typeof error.message === 'string' ? error.message : '';
    return new OperationError(error.code, message, response.status, error.details ?? null, retryAfter);
  }
  return new OperationError(`http_${response.status}`, '', response.status, null, retryAfter);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
