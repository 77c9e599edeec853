import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { isRecord, OperationError } from '../api/errors';
import { t } from '../messages';
import { useTimeZone } from './session';
import { formatInstant } from './When';

/** Below this it is easier to wait than to look at a clock. */
const secondsToWait = 90;

/** The sentence a person reads for an error: what happened and what to do; instants are told in their time zone, null the browser's. */
export function describeError(error: unknown, timeZone: string | null = null): string {
  if (!(error instanceof OperationError)) return t.errors.unexpected;
  if (error.code === 'rate_limited' && error.comeBack) {
    const { seconds, at } = error.comeBack;
    return seconds > secondsToWait ? t.errors.comeBack(formatInstant(at, timeZone)) : t.errors.tooOften(seconds);
  }
  // What to do about a provider's trouble is part of the answer.
  if (isRecord(error.details) && typeof error.details.what_to_do === 'string' && error.message !== '') {
    const { what_to_do: whatToDo } = error.details;
    return sameWords(error.message, whatToDo) ? whatToDo : `${asSentence(error.message)} ${whatToDo}`;
  }
  const known = (t.refusals as Record<string, string | undefined>)[error.code];
  // The server's own sentence knows the particulars of these; ours would be vaguer.
  const particular =
    error.message !== '' && (!known || error.code === 'malformed_input' || error.code === 'too_large' || error.code.startsWith('invalid_'));
  if (particular) return asSentence(error.message);
  return known ?? (error.status >= 500 ? t.errors.serverFailed : t.errors.unexpected);
}

const sameWords = (message: string, advice: string) => asSentence(message).toLowerCase() === advice.toLowerCase();

/** A message of the server as a person reads it. */
export function asSentence(message: string): string {
  const capital = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/**
 * What an error says about one of the form's own fields, as the form takes it; undefined when it is about something else.
 * The server names the field first, in back-ticks; beside the field that name is not needed.
 */
export function fieldProblem(error: unknown, values: object): Record<string, string> | undefined {
  if (!(error instanceof OperationError) || !isRecord(error.details)) return undefined;
  const { field } = error.details;
  if (typeof field !== 'string' || !(field in values)) return undefined;
  const prefix = `\`${field}\` `;
  return {
    [field]: error.message.startsWith(prefix) ? asSentence(t.errors.field(error.message.slice(prefix.length))) : describeError(error),
  };
}

/** As {@link fieldProblem}, for inputs that nest: a field is known by the last part of its name. */
export function nestedFieldProblem(error: unknown, values: object): Record<string, string> | undefined {
  if (!(error instanceof OperationError) || !isRecord(error.details) || typeof error.details.field !== 'string') return undefined;
  const field = error.details.field.split('.').at(-1) ?? '';
  const message = error.message.replace(`\`${error.details.field}\``, `\`${field}\``);
  return fieldProblem(new OperationError(error.code, message, error.status, { ...error.details, field }), values);
}

/** An error in place, read out when it appears. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const timeZone = useTimeZone();
  return (
    <div role="alert">
      <SectionMessage appearance="error" title={t.errors.title}>
        <p>{describeError(error, timeZone)}</p>
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
