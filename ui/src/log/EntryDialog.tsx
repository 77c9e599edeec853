import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import type { EntryView } from '../api/types';
import { t } from '../messages';
import { Facts, Section } from '../shell/Page';
import { When } from '../shell/When';
import { contentOf, kindOf } from './entries';
import { EntryProof } from './EntryProof';

const text = t.log;

/** One entry: what it says, whether it is proved to be in a checkpoint, and its bytes. */
export function EntryDialog({ entry, onClose }: { entry: EntryView; onClose: () => void }) {
  const content = contentOf(entry);
  return (
    <ModalDialog onClose={onClose} width="large" shouldScrollInViewport>
      <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
        <ModalTitle>{text.entry(entry.index)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <Facts
          rows={[
            [text.kind, kindOf(entry)],
            [text.at, <When at={entry.at} />],
            [text.actor, entry.person?.name ?? content.actor],
            [text.pseudonym, entry.person && <span className="c-code">{entry.person.id}</span>],
            ...content.facts.map(([name, value]) => [name, <span className="c-code">{value}</span>] as const),
          ]}
        />
        <p className="c-or c-subtle">{text.pseudonyms}</p>
        <Section title={text.proof}>
          <EntryProof entry={entry} />
        </Section>
        <Section title={text.canonical}>
          <p className="c-code">{entry.entry}</p>
          <div className="c-or">
            <Facts rows={[[text.hash, <span className="c-code">{entry.leaf_hash}</span>]]} />
          </div>
        </Section>
      </ModalBody>
      <ModalFooter>
        <Button appearance="primary" onClick={onClose}>
          {t.common.close}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}
