import { QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { OperationError } from './errors';
import { invoke, newIdempotencyKey } from './invoke';
import type { Input, Item, ListName, OperationName, Output, Page } from './operations';

/** Answers are shown until something changes; refusals are never retried, silence is, once. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 1 && error instanceof OperationError && error.unanswered,
      },
    },
  });
}

/**
 * What one query operation answers; with `skip` it is not asked, with `every` it is asked again after so many milliseconds, which may depend
 * on what it answered.
 */
export function useOperation<O extends OperationName>(
  operation: O,
  input: Input<O>,
  { skip, every }: { skip?: boolean; every?: number | ((answer: Output<O> | undefined) => number | false) } = {},
) {
  return useQuery<Output<O>, Error>({
    queryKey: [operation, input],
    queryFn: () => invoke(operation, input),
    enabled: !skip,
    refetchInterval: typeof every === 'function' ? (query) => every(query.state.data) : (every ?? false),
  });
}

export interface List<I> {
  /** `undefined` until the first page has arrived. */
  items: I[] | undefined;
  error: Error | null;
  hasMore: boolean;
  loadingMore: boolean;
  loadMore: () => void;
  retry: () => void;
}

/** A list operation page by page, following the server's cursor. What is `costly` is not asked again just because somebody comes back. */
export function useList<O extends ListName>(
  operation: O,
  input: Omit<Input<O>, 'after' | 'limit'>,
  limit = 25,
  { costly = false }: { costly?: boolean } = {},
): List<Item<O>> {
  const query = useInfiniteQuery({
    queryKey: [operation, 'pages', input, limit],
    queryFn: async ({ pageParam }): Promise<Page<Item<O>>> => {
      const asked = { ...input, limit, ...(pageParam ? { after: pageParam } : {}) };
      // Every `ListName` takes `after` and `limit` and answers a page; the compiler cannot see that for an unknown `O`.
      return (await invoke(operation, asked as unknown as Input<O>)) as unknown as Page<Item<O>>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? undefined,
    ...(costly ? { refetchOnWindowFocus: false, staleTime: 300_000 } : {}),
  });
  return {
    items: query.data?.pages.flatMap((page) => page.items),
    error: query.error,
    hasMore: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
  };
}

export interface Command<O extends OperationName> {
  /** Resolves with the output, or rejects with an `OperationError`. While one run is under way another resolves to it. */
  run: (input: Input<O>) => Promise<Output<O>>;
  busy: boolean;
}

/**
 * One action of a person. A second click while the first is under way joins it. Each action gets a fresh idempotency key;
 * an attempt that got no answer keeps its key, so that trying again cannot act twice.
 */
export function useCommand<O extends OperationName>(operation: O): Command<O> {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const running = useRef<Promise<Output<O>> | null>(null);
  const unanswered = useRef<{ input: string; key: string } | null>(null);

  const run = useCallback(
    (input: Input<O>) => {
      if (running.current) return running.current;
      const text = JSON.stringify(input);
      const key = unanswered.current?.input === text ? unanswered.current.key : newIdempotencyKey();
      unanswered.current = { input: text, key };
      setBusy(true);
      const attempt = invoke(operation, input, key)
        .then((output) => {
          unanswered.current = null;
          // All answers may have changed, except what policy would say of a form that was just sent.
          void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'requests.preview' });
          return output;
        })
        .catch((error: unknown) => {
          if (!(error instanceof OperationError && error.unanswered)) unanswered.current = null;
          throw error;
        })
        .finally(() => {
          running.current = null;
          setBusy(false);
        });
      running.current = attempt;
      return attempt;
    },
    [client, operation],
  );
  return { run, busy };
}

export interface Question<O extends OperationName> {
  /** Resolves with the answer, which is also kept; nothing when there was none, which `error` then tells. */
  ask: (input: Input<O>) => Promise<Output<O> | undefined>;
  busy: boolean;
  answer: Output<O> | null;
  error: unknown;
  /** Forgets the answer. */
  clear: () => void;
}

/** What is asked when a person says so, because each answer costs a call at a provider. The last question asked is the one answered. */
export function useQuestion<O extends OperationName>(operation: O): Question<O> {
  const [state, setState] = useState<{ busy: boolean; answer: Output<O> | null; error: unknown }>(unasked);
  const last = useRef(0);
  const ask = useCallback(
    async (input: Input<O>) => {
      const number = ++last.current;
      setState({ busy: true, answer: null, error: null });
      try {
        const answer = await invoke(operation, input);
        if (number === last.current) setState({ busy: false, answer, error: null });
        return answer;
      } catch (error) {
        if (number === last.current) setState({ busy: false, answer: null, error });
        return undefined;
      }
    },
    [operation],
  );
  const clear = useCallback(() => {
    last.current += 1;
    setState(unasked);
  }, []);
  return { ...state, ask, clear };
}

const unasked = { busy: false, answer: null, error: null };
