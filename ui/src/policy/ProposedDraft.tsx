import { useOperation } from '../api/hooks';
import { t } from '../messages';
import { Problem } from '../shell/problems';
import { DraftChanges } from './DraftChanges';
import { Looking, Widening } from './Verdict';

const text = t.proposals;

/** What a proposal to publish a policy is about: the request that shows it gives more, and every rule that differs. */
export function ProposedDraft({ version }: { version: number }) {
  const query = useOperation('policies.draft', {});
  const lint = useOperation('policies.lint', {});
  const draft = query.data?.draft;
  const error = query.error ?? lint.error;
  if (error && (!draft || !lint.data)) {
    const retry = () => {
      void query.refetch();
      void lint.refetch();
    };
    return <Problem error={error} onRetry={retry} />;
  }
  if (!draft || !lint.data) return <Looking />;
  if (draft.version !== version) return <p>{text.otherDraft}</p>;
  return (
    <>
      {lint.data.widening && <Widening widening={lint.data.widening} />}
      <DraftChanges draft={draft} />
    </>
  );
}
