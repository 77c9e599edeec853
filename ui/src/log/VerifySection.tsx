import Button from '@atlaskit/button/new';
import ProgressBar from '@atlaskit/progress-bar';
import SectionMessage from '@atlaskit/section-message';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { invoke } from '../api/invoke';
import type { VerifyAnswer } from '../api/types';
import { t } from '../messages';
import { Problem } from '../shell/problems';

const text = t.log;

type Progress =
  | { kind: 'idle' }
  | { kind: 'running'; verified: number; size: number }
  | { kind: 'done'; result: VerifyAnswer }
  | { kind: 'failed'; error: unknown };

/** Verifies the log part by part, as the server hands it out, and says how far it is. */
export function VerifySection() {
  const [progress, setProgress] = useState<Progress>({ kind: 'idle' });
  const stopped = useRef(false);
  const client = useQueryClient();
  const running = progress.kind === 'running';

  const verify = async () => {
    if (running) return;
    stopped.current = false;
    setProgress({ kind: 'running', verified: 0, size: 0 });
    try {
      let result = await invoke('audit.verify', {});
      while (result.ok == null && result.next && !stopped.current) {
        setProgress({ kind: 'running', verified: result.verified, size: result.size });
        result = await invoke('audit.verify', { next: result.next });
      }
      setProgress(result.ok == null ? { kind: 'idle' } : { kind: 'done', result });
      void client.invalidateQueries({ queryKey: ['audit.entries'] });
    } catch (error) {
      setProgress({ kind: 'failed', error });
    }
  };

  return (
    <div className="c-banner">
      <div className="c-actions">
        <Button appearance="primary" onClick={() => void verify()} isLoading={running}>
          {text.verify}
        </Button>
        {running && <Button onClick={() => (stopped.current = true)}>{text.stop}</Button>}
      </div>
      <div aria-live="polite" className="c-or">
        {running && (
          <>
            <ProgressBar
              ariaLabel={text.verifying}
              isIndeterminate={progress.size === 0}
              value={progress.size === 0 ? 0 : progress.verified / progress.size}
            />
            <p>{progress.size === 0 ? text.verifying : text.verified(progress.verified, progress.size)}</p>
          </>
        )}
        {progress.kind === 'done' && <Verdict result={progress.result} />}
        {progress.kind === 'failed' && <Problem error={progress.error} />}
      </div>
    </div>
  );
}

function Verdict({ result }: { result: VerifyAnswer }) {
  return result.ok ? (
    <SectionMessage appearance="success" title={text.whole}>
      <p>{text.wholeDetail(result.size)}</p>
      <p>
        {text.root}: <span className="c-code">{result.root}</span>
      </p>
    </SectionMessage>
  ) : (
    <SectionMessage appearance="error" title={text.broken}>
      <p>{text.brokenDetail}</p>
      {result.problem && <p className="c-code">{result.problem}</p>}
    </SectionMessage>
  );
}
