import Button from '@atlaskit/button/new';
import TextArea from '@atlaskit/textarea';
import Textfield from '@atlaskit/textfield';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import { type ReactNode, type RefObject, useRef, useState } from 'react';
import { t } from '../messages';

/** Puts a value on the clipboard. Outside a secure context there is none; then the value is selected, to be copied by hand. */
function useCopy(value: string, field: RefObject<HTMLInputElement | HTMLTextAreaElement>) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    await navigator.clipboard?.writeText(value).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return { copied, copy };
}

/** A value in a field of its own, with a button that copies it. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const field = useRef<HTMLInputElement>(null);
  const { copied, copy } = useCopy(value, field);
  return (
    <div className="c-copy">
      <Textfield ref={field} aria-label={label} value={value} isReadOnly isMonospaced isCompact />
      <Button spacing="compact" aria-label={t.common.copyOf(label)} onClick={() => void copy()}>
        {t.common.copy}
      </Button>
      <span aria-live="polite" className="c-subtle">
        {copied && t.common.copied}
      </span>
    </div>
  );
}

/** A text of several lines, such as a key or a certificate, with a button that copies it, and what else can be done with it. */
export function CopyBlock({ label, value, rows = 6, children }: { label: string; value: string; rows?: number; children?: ReactNode }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { copied, copy } = useCopy(value, field);
  return (
    <div className="c-copy-block">
      <TextArea ref={field} aria-label={label} value={value} isReadOnly isMonospaced minimumRows={rows} resize="none" />
      <div className="c-actions">
        <Button aria-label={t.common.copyOf(label)} onClick={() => void copy()}>
          {t.common.copy}
        </Button>
        {children}
        <span aria-live="polite" className="c-subtle">
          {copied && t.common.copied}
        </span>
      </div>
    </div>
  );
}

interface ShownOnceProps {
  title: string;
  /** What to do with it. */
  lead: string;
  /** Accessible name of the value. */
  label: string;
  value: string;
  copyLabel: string;
  onClose: () => void;
  /** Under the value: until when it works. */
  children?: ReactNode;
}

/** A secret that is shown this once, and never again. */
export function ShownOnce({ title, lead, label, value, copyLabel, onClose, children }: ShownOnceProps) {
  const field = useRef<HTMLInputElement>(null);
  const { copied, copy } = useCopy(value, field);
  return (
    <ModalTransition>
      <ModalDialog onClose={onClose} autoFocus={field} shouldScrollInViewport shouldCloseOnOverlayClick={false}>
        <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
          <ModalTitle>{title}</ModalTitle>
        </ModalHeader>
        <ModalBody>
          <p>{lead}</p>
          <Textfield ref={field} aria-label={label} value={value} isReadOnly />
          <p className="c-or">{children}</p>
          <div aria-live="polite">{copied && t.common.copied}</div>
        </ModalBody>
        <ModalFooter>
          <Button appearance="subtle" onClick={onClose}>
            {t.common.close}
          </Button>
          <Button appearance="primary" onClick={() => void copy()}>
            {copyLabel}
          </Button>
        </ModalFooter>
      </ModalDialog>
    </ModalTransition>
  );
}
