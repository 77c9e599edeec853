import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import ProgressBar from '@atlaskit/progress-bar';
import SectionMessage from '@atlaskit/section-message';
import { useRef, useState } from 'react';
import { useCommand } from '../api/hooks';
import type { Item } from '../api/operations';
import type { PartResult } from '../api/types';
import { OperationError } from '../api/errors';
import { t } from '../messages';
import { TextInputLong } from '../shell/fields';
import { useNotice } from '../shell/notice';
import { describeError, Problem } from '../shell/problems';
import { given } from './DecisionDialogs';

const text = t.approvals;

/** Requests sent in one call: few enough that the progress moves. */
const batch = 10;

interface DecideManyProps {
  decision: 'approve' | 'deny';
  items: readonly Item<'approvals.queue'>[];
  onClose: () => void;
  onDone: () => void;
}

/** One reason for several decisions. Each request is decided by itself; those that cannot be are named with the reason. */
export function DecideManyDialog({ decision, items: now, onClose, onDone }: DecideManyProps) {
  // What was selected when the dialog opened; the queue behind it empties while it works.
  const [items] = useState(now);
  const command = useCommand('approvals.decide_many');
  const notice = useNotice();
  const working = useRef(false);
  const [progress, setProgress] = useState<number | null>(null);
  const [failed, setFailed] = useState<PartResult[]>([]);
  const [error, setError] = useState<unknown>(null);
  const finished = failed.length > 0;

  const decide = async ({ rationale }: { rationale: string }) => {
    if (working.current) return;
    working.current = true;
    setError(null);
    setProgress(0);
    const results: PartResult[] = [];
    let waiting = items.map((item) => item.request.id);
    try {
      while (waiting.length > 0) {
        const part = waiting.slice(0, batch);
        const answer = await command.run({ requests: part, decision, ...given(rationale) });
        results.push(...answer.results);
        // An answer without any result would be asked for forever.
        if (answer.results.length === 0) break;
        waiting = [...answer.remaining, ...waiting.slice(batch)];
        setProgress(results.length);
      }
      const refused = results.filter((result) => !result.decided);
      const done = results.length - refused.length;
      if (done > 0) notice(text.manyDone(done));
      if (refused.length === 0) onDone();
      else setFailed(refused);
    } catch (problem) {
      setError(problem);
    } finally {
      working.current = false;
      setProgress(null);
    }
  };

  const busy = progress !== null;
  const title = decision === 'approve' ? text.approveManyTitle : text.denyManyTitle;
  const close = finished ? onDone : onClose;
  return (
    <ModalDialog onClose={() => !busy && close()} shouldScrollInViewport>
      <Form<{ rationale: string }> onSubmit={decide}>
        {({ formProps }) => (
          <form {...formProps} noValidate>
            <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
              <ModalTitle appearance={decision === 'deny' ? 'danger' : undefined}>{title(items.length)}</ModalTitle>
            </ModalHeader>
            <ModalBody>
              {error !== null && <Problem error={error} />}
              {finished ? (
                <Refused results={failed} items={items} />
              ) : (
                <>
                  <p>{text.manyWhy}</p>
                  <ul>
                    {items.map(({ request }) => (
                      <li key={request.id}>
                        {request.requester.name}: {request.tool.name}, {t.common.days(request.days)}
                      </li>
                    ))}
                  </ul>
                  <TextInputLong name="rationale" label={text.rationale} required={decision === 'deny'} />
                </>
              )}
              <div aria-live="polite">
                {busy && (
                  <>
                    <ProgressBar ariaLabel={text.manyProgress(progress, items.length)} value={progress / items.length} />
                    <p>{text.manyProgress(progress, items.length)}</p>
                  </>
                )}
              </div>
            </ModalBody>
            <ModalFooter>
              <Button appearance="subtle" onClick={close} isDisabled={busy}>
                {finished ? t.common.close : t.common.cancel}
              </Button>
              {!finished && (
                <Button appearance={decision === 'deny' ? 'danger' : 'primary'} type="submit" isLoading={busy}>
                  {decision === 'deny' ? text.deny : text.approve}
                </Button>
              )}
            </ModalFooter>
          </form>
        )}
      </Form>
    </ModalDialog>
  );
}

function Refused({ results, items }: { results: readonly PartResult[]; items: DecideManyProps['items'] }) {
  const nameOf = (id: string) => {
    const request = items.find((item) => item.request.id === id)?.request;
    return request ? `${request.requester.name}: ${request.tool.name}` : id;
  };
  return (
    <SectionMessage appearance="warning" title={text.manyFailed}>
      <ul>
        {results.map((result) => (
          <li key={result.request}>
            {nameOf(result.request)}. {describeError(new OperationError(result.code ?? '', result.message ?? '', 409))}
          </li>
        ))}
      </ul>
    </SectionMessage>
  );
}
