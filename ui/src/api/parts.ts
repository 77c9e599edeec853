import { useCallback, useRef, useState } from 'react';
import { invoke } from './invoke';
import type { Input, OperationName, Output } from './operations';

/** Operations that answer part by part: each answer's `next` is the next call's `after`. */
type InParts = {
  [O in OperationName]: Output<O> extends { requests: number; next?: string | null } ? O : never;
}[OperationName];

export interface Parts<O extends InParts> {
  /** Asks from the beginning. */
  start: (input: Omit<Input<O>, 'after' | 'limit'>) => Promise<void>;
  /** Ends after the part that is under way. */
  stop: () => void;
  busy: boolean;
  /** What has arrived so far. */
  parts: readonly Output<O>[];
  /** Whether it was stopped before the end. */
  stopped: boolean;
  error: unknown;
}

/** Requests of one part: few enough that the count moves. */
const requestsOfAPart = 500;

/** Asks an operation part by part until its end, or until somebody stops it. */
export function useParts<O extends InParts>(operation: O): Parts<O> {
  const nothing = { busy: false, parts: [] as readonly Output<O>[], stopped: false, error: null as unknown };
  const [state, setState] = useState(nothing);
  const run = useRef({ number: 0, stopped: false });

  const start = useCallback(
    async (input: Omit<Input<O>, 'after' | 'limit'>) => {
      const mine = { number: run.current.number + 1, stopped: false };
      run.current = mine;
      let parts: readonly Output<O>[] = [];
      const show = (over: Partial<typeof nothing>) => {
        if (run.current === mine) setState({ busy: true, parts, stopped: false, error: null, ...over });
      };
      show({});
      try {
        let after: string | null | undefined = null;
        do {
          const asked = { ...input, limit: requestsOfAPart, ...(after ? { after } : {}) };
          // Every `InParts` takes `after` and `limit`; the compiler cannot see that for an unknown `O`.
          const part: Output<O> = await invoke(operation, asked as unknown as Input<O>);
          parts = [...parts, part];
          after = (part as { next?: string | null }).next;
          show({});
        } while (after && !mine.stopped && run.current === mine);
        show({ busy: false, stopped: Boolean(after) });
      } catch (error) {
        show({ busy: false, error });
      }
    },
    [operation],
  );
  const stop = useCallback(() => {
    run.current.stopped = true;
  }, []);
  return { ...state, start, stop };
}
