import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { OperationError } from '../api/errors';
import { useCommand, useOperation } from '../api/hooks';
import type { Input, Output } from '../api/operations';
import type { DraftView } from '../api/types';

/** Whether somebody else was faster. */
export const isStale = (error: unknown): boolean => error instanceof OperationError && error.code === 'stale_revision';

type DraftChange = Omit<Input<'policies.put_draft'>, 'version'>;

export interface DraftInUse {
  /** As stored; undefined until it has arrived. */
  draft: DraftView | undefined;
  error: Error | null;
  retry: () => void;
  busy: boolean;
  /** Changes the draft as shown. False when that was refused, which `problem` or `overtaken` then tell. */
  change: (change: DraftChange) => Promise<boolean>;
  /** The same for a dialog, which tells itself what was refused. */
  attempt: (change: DraftChange) => Promise<void>;
  /** What went wrong with the last change. */
  problem: unknown;
  /** Somebody else was faster than the last change; the draft is the newest now. */
  overtaken: boolean;
}

/** The site's draft, and changing it at once. Each change names the version that is shown here. */
export function useDraft(): DraftInUse {
  const client = useQueryClient();
  const query = useOperation('policies.draft', {});
  const put = useCommand('policies.put_draft');
  const [problem, setProblem] = useState<unknown>(null);
  const draft = query.data?.draft;

  const attempt = async (wanted: DraftChange) => {
    if (!draft) return;
    try {
      const answer = await put.run({ ...wanted, version: draft.version });
      client.setQueryData<Output<'policies.draft'>>(['policies.draft', {}], (known) => known && { draft: changed(known.draft, answer) });
    } catch (error) {
      if (isStale(error)) await query.refetch();
      throw error;
    }
  };
  const change = async (wanted: DraftChange) => {
    if (put.busy) return false;
    setProblem(null);
    try {
      await attempt(wanted);
      return true;
    } catch (error) {
      setProblem(error);
      return false;
    }
  };
  return {
    draft,
    error: query.error,
    retry: () => void query.refetch(),
    busy: put.busy,
    change,
    attempt,
    problem: isStale(problem) ? null : problem,
    overtaken: isStale(problem),
  };
}

/** The draft with its new version and order, until the whole of it has arrived: the next change must name the version. */
function changed(draft: DraftView, { version, rules: order }: Output<'policies.put_draft'>): DraftView {
  const known = new Map(draft.rules.map((rule) => [rule.id, rule]));
  return { ...draft, version, open: true, rules: order.flatMap((id) => known.get(id) ?? []) };
}
