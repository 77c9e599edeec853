import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { isRecord, OperationError } from '../api/errors';
import { t } from '../messages';

/** The sentence a person reads for an error: what happened and what to do. */
export function describeError(error: unknown): string {
  if (!(error instanceof OperationError)) return t.errors.unexpected;
  if (error.code === 'rate_limited' && error.retryAfter) return t.errors.tooOften(error.retryAfter);
  const known = (t.refusals as Record<string, string | undefined>)[error.code];
  // The server's own sentence knows the particulars of these; ours would be vaguer.
  const particular = error.message !== '' && (!known || error.code === 'malformed_input' || error.code.startsWith('invalid_'));
  if (particular) return asSentence(error.message);
  return known ?? (error.status >= 500 ? t.errors.serverFailed : t.errors.unexpected);
}

function asSentence(message: string): string {
  const capital = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** The input field an error complains about, when the server named one. */
export function fieldOf(error: unknown): string | null {
  if (!(error instanceof OperationError) || !isRecord(error.details)) return null;
  return typeof error.details.field === 'string' ? error.details.field : null;
}

/** An error in place, read out when it appears. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div role="alert">
      <SectionMessage appearance="error" title={t.errors.title}>
        <p>{describeError(error)}</p>
        {onRetry && (
          <p>
            <Button spacing="compact" onClick={onRetry}>
              {t.common.tryAgain}
            </Button>
          </p>
        )}
      </SectionMessage>
    </div>
  );
}
