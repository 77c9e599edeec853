import { useState } from 'react';
import { useCommand } from '../api/hooks';
import type { Output } from '../api/operations';
import type { PersonView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { ShownOnce } from '../shell/Copy';
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
      {person && link && (
        <ShownOnce
          title={text.linkReady(link.person.name)}
          lead={text.linkHandOver}
          label={text.link}
          value={new URL(link.path, location.origin).href}
          copyLabel={text.copy}
          onClose={close}
        >
          {text.linkUntil} <When at={link.expires_at} />
        </ShownOnce>
      )}
    </>
  );
}
