import Button, { LinkButton } from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import type { Output } from '../api/operations';
import { ExportPortions } from '../forge/ExportPortions';
import { t } from '../messages';
import { useHost } from '../shell/host';
import { Facts } from '../shell/Page';
import { When } from '../shell/When';

const text = t.evidence;
export type Export = Output<'evidence.export'>['export'];

/** An export that was made: the browser fetches it as a file, and shows how far that is, while the server writes it. */
export function ExportReady({ made, onClose }: { made: Export; onClose: () => void }) {
  const host = useHost();
  const isPack = made.scope.of !== 'requests';
  return (
    <ModalTransition>
      <ModalDialog onClose={onClose} shouldScrollInViewport>
        <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
          <ModalTitle>{text.ready}</ModalTitle>
        </ModalHeader>
        <ModalBody>
          <Facts
            rows={[
              [text.of, made.scope.of === 'requests' ? text.requests : text.scopes[made.scope.of]],
              [text.records, isPack ? made.records.toLocaleString(t.locale) : null],
              [text.downloadUntil, <When at={made.expires_at} />],
            ]}
          />
          <p className="c-or">{isPack ? (made.explained ? text.explained : text.unexplained) : text.requestsHelp}</p>
          <p>{text.names}</p>
          {host !== 'server' && <ExportPortions id={made.id} />}
        </ModalBody>
        <ModalFooter>
          <Button appearance="subtle" onClick={onClose}>
            {t.common.close}
          </Button>
          {host === 'server' && (
            <LinkButton appearance="primary" href={made.download} download>
              {t.common.download}
            </LinkButton>
          )}
        </ModalFooter>
      </ModalDialog>
    </ModalTransition>
  );
}
