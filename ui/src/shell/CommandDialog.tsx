import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import { type ReactNode, useState } from 'react';
import { t } from '../messages';
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

/** A modal with a form for one command. Focus returns to where it was; it cannot be closed while the command runs. */
export function CommandDialog<Values extends object>(props: CommandDialogProps<Values>) {
  return <ModalTransition>{props.isOpen && <OpenDialog {...props} />}</ModalTransition>;
}

function OpenDialog<Values extends object>({
  title,
  submitLabel,
  appearance = 'primary',
  onSubmit,
  onClose,
  staysOpen,
  isIncomplete,
  children,
}: CommandDialogProps<Values>) {
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
