import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { useQuery } from '@tanstack/react-query';
import { OperationError } from '../api/errors';
import { invoke } from '../api/invoke';
import type { EntryView } from '../api/types';
import { t } from '../messages';
import { downloadText } from '../shell/download';
import { LoadingRows } from '../shell/Loading';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';
import { canHash, check, ProofError } from './proof';

const text = t.log;

type Verdict =
  | { kind: 'proved'; size: number; at: string; file: string | null }
  | { kind: 'failed'; reason: ProofError['reason'] }
  | { kind: 'pending' }
  | { kind: 'cannot' };

/** Fetches an entry's proof for the newest checkpoint and recomputes it in this browser. */
export function EntryProof({ entry }: { entry: EntryView }) {
  const query = useQuery<Verdict, Error>({
    queryKey: ['audit.proof', entry.index, entry.entry, entry.leaf_hash],
    queryFn: () => prove(entry),
    retry: false,
  });
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={text.proving} rows={1} />;
  return (
    <div role="status">
      <Told verdict={query.data} index={entry.index} onRetry={() => void query.refetch()} />
    </div>
  );
}

function Told({ verdict, index, onRetry }: { verdict: Verdict; index: number; onRetry: () => void }) {
  switch (verdict.kind) {
    case 'proved': {
      const { file } = verdict;
      return (
        <SectionMessage appearance="success" title={text.proved(verdict.size)}>
          <p>
            {text.provedDetail} <When at={verdict.at} />.
          </p>
          {file && (
            <p>
              <Button spacing="compact" onClick={() => downloadText(`entry-${index}.tlog-proof`, file)}>
                {text.downloadProof}
              </Button>
            </p>
          )}
        </SectionMessage>
      );
    }
    case 'failed':
      return (
        <SectionMessage appearance="error" title={text.unproved}>
          <p>{text.proofProblems[verdict.reason]}</p>
          <p>{text.brokenDetail}</p>
        </SectionMessage>
      );
    case 'pending':
      return (
        <SectionMessage title={text.proofPending}>
          <p>{text.proofPendingDetail}</p>
          <p>
            <Button spacing="compact" onClick={onRetry}>
              {t.common.tryAgain}
            </Button>
          </p>
        </SectionMessage>
      );
    case 'cannot':
      return <p>{text.proofCannot}</p>;
  }
}

async function prove({ index, entry, leaf_hash: leafHash }: EntryView): Promise<Verdict> {
  if (!canHash()) return { kind: 'cannot' };
  try {
    const { checkpoint } = await invoke('audit.checkpoint', {});
    if (index >= checkpoint.size) return { kind: 'pending' };
    const proof = await invoke('audit.proof', { inclusion: { index, size: checkpoint.size } });
    const { size } = await check({ index, entry, leafHash, hashes: proof.hashes, note: checkpoint.note });
    return { kind: 'proved', size, at: checkpoint.at, file: proof.tlog_proof ?? null };
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'failed', reason: error.reason };
    if (error instanceof OperationError && error.code === 'not_found') return { kind: 'pending' };
    throw error;
  }
}
