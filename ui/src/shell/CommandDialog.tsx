import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import Heading from '@atlaskit/heading';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { t } from '../messages';
import { useHost } from './host';
import { fieldProblem, Problem } from './problems';

interface CommandDialogProps<Values extends object> {
  isOpen: boolean;
  title: string;
  submitLabel: string;
  /** `danger` for what takes something away. */
  appearance?: 'primary' | 'danger';
  /** Does the deed. Rejecting keeps the dialog open and shows why. */
  onSubmit: (values: Values) => Promise<unknown>;
  onClose: () => void;
  /** The dialog is not closed when it succeeds: what comes next takes its place. */
  staysOpen?: boolean;
  /** What the form needs is not loaded yet. */
  isIncomplete?: boolean;
  children?: ReactNode;
}

/**
 * A form for one command in a modal: focus returns to where it was; it cannot be closed while the command runs. In a panel the form opens
 * in its place.
 */
export function CommandDialog<Values extends object>(props: CommandDialogProps<Values>) {
  const host = useHost();
  if (host === 'panel') return props.isOpen && <InPlace {...props} />;
  return <ModalTransition>{props.isOpen && <OpenDialog {...props} />}</ModalTransition>;
}

/** Sends the command, and keeps what went wrong. */
function useSubmit<Values extends object>({ onSubmit, onClose, staysOpen }: CommandDialogProps<Values>) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (values: Values) => {
    setBusy(true);
    setError(null);
    try {
      await onSubmit(values);
      if (!staysOpen) onClose();
      return undefined;
    } catch (problem) {
      setBusy(false);
      const beside = fieldProblem(problem, values);
      if (!beside) setError(problem);
      return beside;
    }
  };
  return { submit, busy, error };
}

function InPlace<Values extends object>(props: CommandDialogProps<Values>) {
  const { title, submitLabel, appearance = 'primary', onClose, isIncomplete, children } = props;
  const { submit, busy, error } = useSubmit(props);
  const id = useId();
  const heading = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <Form<Values & Record<string, unknown>> onSubmit={submit}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-in-place" aria-labelledby={id}>
          <div ref={heading} tabIndex={-1} className="c-heading-focus" id={id}>
            <Heading size="small" as="h2">
              {title}
            </Heading>
          </div>
          {error !== null && <Problem error={error} />}
          {children}
          <div className="c-actions c-or">
            <Button appearance={appearance} type="submit" isLoading={busy} isDisabled={isIncomplete}>
              {submitLabel}
            </Button>
            <Button appearance="subtle" onClick={onClose} isDisabled={busy}>
              {t.common.cancel}
            </Button>
          </div>
        </form>
      )}
    </Form>
  );
}

function OpenDialog<Values extends object>(props: CommandDialogProps<Values>) {
  const { title, submitLabel, appearance = 'primary', onClose, isIncomplete, children } = props;
  const { submit, busy, error } = useSubmit(props);

  return (
    <ModalDialog onClose={() => !busy && onClose()} shouldScrollInViewport>
      <Form<Values & Record<string, unknown>> onSubmit={submit}>
        {({ formProps }) => (
          <form {...formProps} noValidate>
            <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
              <ModalTitle appearance={appearance === 'danger' ? 'danger' : undefined}>{title}</ModalTitle>
            </ModalHeader>
            <ModalBody>
              {error !== null && <Problem error={error} />}
              {children}
            </ModalBody>
            <ModalFooter>
              <Button appearance="subtle" onClick={onClose} isDisabled={busy}>
                {t.common.cancel}
              </Button>
              <Button appearance={appearance} type="submit" isLoading={busy} isDisabled={isIncomplete}>
                {submitLabel}
              </Button>
            </ModalFooter>
          </form>
        )}
      </Form>
    </ModalDialog>
  );
}
