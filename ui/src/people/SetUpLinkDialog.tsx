import Button from '@atlaskit/button/new';
import Textfield from '@atlaskit/textfield';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import { useRef, useState } from 'react';
import { useCommand } from '../api/hooks';
import type { Output } from '../api/operations';
import type { PersonView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { When } from '../shell/When';

const text = t.people;

/** Makes the one-time link by which a person sets a password, and shows it once. */
export function SetUpLinkDialog({ person, onClose }: { person: PersonView | null; onClose: () => void }) {
  const create = useCommand('set_up_links.create');
  const [link, setLink] = useState<Output<'set_up_links.create'> | null>(null);
  const close = () => {
    setLink(null);
    onClose();
  };
  return (
    <>
      {person && !link && (
        <CommandDialog
          isOpen
          title={text.linkTitle(person.name)}
          submitLabel={text.linkSubmit}
          onSubmit={async () => setLink(await create.run({ person: person.id }))}
          onClose={onClose}
          staysOpen
        >
          <p>{text.linkWhy}</p>
        </CommandDialog>
      )}
      <ModalTransition>{person && link && <LinkShown link={link} onClose={close} />}</ModalTransition>
    </>
  );
}

function LinkShown({ link, onClose }: { link: Output<'set_up_links.create'>; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const address = new URL(link.path, location.origin).href;

  const copy = async () => {
    field.current?.select();
    // Outside a secure context there is no clipboard; the selected text can still be copied by hand.
    await navigator.clipboard?.writeText(address).then(
      () => setCopied(true),
      () => undefined,
    );
  };

  return (
    <ModalDialog onClose={onClose} autoFocus={field} shouldScrollInViewport>
      <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
        <ModalTitle>{text.linkReady(link.person.name)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <p>{text.linkHandOver}</p>
        <Textfield ref={field} aria-label={text.link} value={address} isReadOnly />
        <p className="c-or">
          {text.linkUntil} <When at={link.expires_at} />
        </p>
        <div aria-live="polite">{copied && text.copied}</div>
      </ModalBody>
      <ModalFooter>
        <Button appearance="subtle" onClick={onClose}>
          {t.common.close}
        </Button>
        <Button appearance="primary" onClick={() => void copy()}>
          {text.copy}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}
