import { useFlags } from '@atlaskit/flag';
import { useCallback } from 'react';

/** Says that something was done: a flag that goes away by itself and is read out. */
export function useNotice(): (title: string, description?: string) => void {
  const { showFlag } = useFlags();
  return useCallback((title, description) => void showFlag({ title, description, isAutoDismiss: true }), [showFlag]);
}
