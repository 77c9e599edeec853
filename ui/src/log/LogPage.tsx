import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import { useState } from 'react';
import { useList } from '../api/hooks';
import type { EntryView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { Facts, Page, Section } from '../shell/Page';
import { When } from '../shell/When';
import { contentOf, kindOf } from './entries';
import { VerifySection } from './VerifySection';

const text = t.log;

/** The governance log entry by entry, and its verification. */
export default function LogPage() {
  const list = useList('audit.entries', { newest_first: true }, 50);
  const [shown, setShown] = useState<EntryView | null>(null);
  return (
    <Page title={text.title} lead={text.lead}>
      <VerifySection />
      <ListTable
        label={text.list}
        list={list}
        rowKey={(entry) => String(entry.index)}
        empty={<Empty title={text.none} hint={text.noneHint} />}
        columns={[
          { key: 'index', header: text.index, width: 8, cell: (entry) => entry.index },
          { key: 'at', header: text.at, width: 22, cell: (entry) => <When at={entry.at} /> },
          { key: 'kind', header: text.kind, width: 26, cell: (entry) => kindOf(entry) },
          { key: 'actor', header: text.actor, cell: (entry) => entry.person?.name ?? contentOf(entry).actor },
          {
            key: 'show',
            header: t.common.actions,
            headerHidden: true,
            width: 12,
            cell: (entry) => (
              <Button spacing="compact" aria-label={text.showEntry(entry.index)} onClick={() => setShown(entry)}>
                {t.common.details}
              </Button>
            ),
          },
        ]}
      />
      <ModalTransition>{shown && <Entry entry={shown} onClose={() => setShown(null)} />}</ModalTransition>
    </Page>
  );
}

function Entry({ entry, onClose }: { entry: EntryView; onClose: () => void }) {
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
            [text.hash, <span className="c-code">{entry.leaf_hash}</span>],
            ...content.facts.map(([name, value]) => [name, <span className="c-code">{value}</span>] as const),
          ]}
        />
        <p className="c-or c-subtle">{text.pseudonyms}</p>
        <Section title={text.canonical}>
          <p className="c-code">{entry.entry}</p>
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
