import Button, { LinkButton } from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import type { Output } from '../api/operations';
import { ExportUnderWay } from '../forge/Exports';
import { t } from '../messages';
import { useHost } from '../shell/host';
import { Facts } from '../shell/Page';
import { When } from '../shell/When';

const text = t.evidence;
export type Export = Output<'evidence.export'>['export'];

/** An export that was made: the browser fetches it as a file, and shows how far that is, while the server writes it. Inside Jira, how far it is. */
export function ExportReady({ made, onClose }: { made: Export; onClose: () => void }) {
  const host = useHost();
  const isPack = made.scope.of !== 'requests';
  if (host !== 'server') return <ExportBegun begun={made} onClose={onClose} />;
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
        </ModalBody>
        <ModalFooter>
          <Button appearance="subtle" onClick={onClose}>
            {t.common.close}
          </Button>
          <LinkButton appearance="primary" href={made.download} download>
            {t.common.download}
          </LinkButton>
        </ModalFooter>
      </ModalDialog>
    </ModalTransition>
  );
}

/** An export that the app makes now: how far it is, and its file once it is whole. Whoever closes this finds it again. */
function ExportBegun({ begun, onClose }: { begun: Export; onClose: () => void }) {
  return (
    <ModalTransition>
      <ModalDialog onClose={onClose} shouldScrollInViewport>
        <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
          <ModalTitle>{t.forge.exports.begun}</ModalTitle>
        </ModalHeader>
        <ModalBody>
          <p>{t.forge.exports.begunHelp}</p>
          <ExportUnderWay begun={begun} />
          <p className="c-or">{text.names}</p>
        </ModalBody>
        <ModalFooter>
          <Button appearance="subtle" onClick={onClose}>
            {t.common.close}
          </Button>
        </ModalFooter>
      </ModalDialog>
    </ModalTransition>
  );
}
