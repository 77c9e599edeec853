import Button from '@atlaskit/button/new';
import { useState } from 'react';
import type { RequestView } from '../api/types';
import { t } from '../messages';
import { AskDialog, DecideDialog } from './DecisionDialogs';

const text = t.approvals;

/** Approve, deny, or ask first: shown when the server says that this person may decide now. */
export function DecisionButtons({ request }: { request: RequestView }) {
  const [open, setOpen] = useState<'approve' | 'deny' | 'ask' | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Button appearance="primary" onClick={() => setOpen('approve')}>
        {text.approve}
      </Button>
      <Button appearance="danger" onClick={() => setOpen('deny')}>
        {text.deny}
      </Button>
      <Button onClick={() => setOpen('ask')}>{text.ask}</Button>
      <DecideDialog request={request} decision="approve" isOpen={open === 'approve'} onClose={close} />
      <DecideDialog request={request} decision="deny" isOpen={open === 'deny'} onClose={close} />
      <AskDialog request={request} isOpen={open === 'ask'} onClose={close} />
    </>
  );
}
