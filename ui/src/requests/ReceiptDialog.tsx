import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import { useQuery } from '@tanstack/react-query';
import { invoke } from '../api/invoke';
import type { Output } from '../api/operations';
import type { RequestView } from '../api/types';
import { kindInWords } from '../log/entries';
import { t } from '../messages';
import { CopyField } from '../shell/Copy';
import { downloadText } from '../shell/download';
import { LoadingRows } from '../shell/Loading';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';

const text = t.receipt;
type Receipts = Output<'audit.receipt'>;

/** Whether a person did something about a request that the log holds, so that there may be a receipt. */
export function tookPart(request: RequestView, person: string): boolean {
  const approvals = request.stages.flatMap((stage) => stage.approvals.map((approval) => approval.by.id));
  const asked = request.exchanges.map((exchange) => exchange.asked_by.id);
  return [request.requester.id, request.closed_by?.id, ...approvals, ...asked].includes(person);
}

/** Proofs of what a person did about a request, to be kept. */
export function ReceiptDialog({ request, isOpen, onClose }: { request: RequestView; isOpen: boolean; onClose: () => void }) {
  return <ModalTransition>{isOpen && <OpenDialog request={request} onClose={onClose} />}</ModalTransition>;
}

function OpenDialog({ request, onClose }: { request: RequestView; onClose: () => void }) {
  const query = useQuery<Receipts, Error>({
    queryKey: ['audit.receipt', request.id],
    queryFn: () => invoke('audit.receipt', { request: request.id }),
    retry: false,
  });
  return (
    <ModalDialog onClose={onClose} shouldScrollInViewport>
      <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
        <ModalTitle>{text.title}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <p>{text.lead}</p>
        {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows label={t.common.loading(text.title)} rows={2} />}
        {query.data && <Receipts request={request.id} receipts={query.data} />}
      </ModalBody>
      <ModalFooter>
        <Button appearance="primary" onClick={onClose}>
          {t.common.close}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}

function Receipts({ request, receipts }: { request: string; receipts: Receipts }) {
  return (
    <>
      <ul className="c-plain c-or">
        {receipts.receipts.map((receipt) => (
          <li key={receipt.index} className="c-actions">
            <span>
              <strong>{kindInWords(receipt.kind)}</strong>, <When at={receipt.at} />
            </span>
            <Button
              spacing="compact"
              aria-label={text.downloadOf(kindInWords(receipt.kind), receipt.index)}
              onClick={() => downloadText(`${request}-${receipt.index}.tlog-proof`, receipt.tlog_proof)}
            >
              {t.common.download}
            </Button>
          </li>
        ))}
      </ul>
      <Section title={text.keys}>
        <p className="c-lead">{text.keysHelp}</p>
        <ul className="c-plain c-or">
          {receipts.verifier_keys.map((key, place) => (
            <li key={key}>
              <CopyField label={t.checkpoints.key(place + 1)} value={key} />
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
