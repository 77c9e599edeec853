import { useFlags } from '@atlaskit/flag';
import SuccessIcon from '@atlaskit/icon/core/status-success';
import { token } from '@atlaskit/tokens';
import { createElement, useCallback } from 'react';

/** Says that something was done: a flag that goes away by itself and is read out. */
export function useNotice(): (title: string, description?: string) => void {
  const { showFlag } = useFlags();
  return useCallback(
    (title, description) =>
      void showFlag({
        title,
        description,
        icon: createElement(SuccessIcon, { label: '', color: token('color.icon.success') }),
        isAutoDismiss: true,
      }),
    [showFlag],
  );
}
