import EmptyState from '@atlaskit/empty-state';
import type { ReactNode } from 'react';

/** A page without the frame, for whoever cannot get one. */
export function Alone({ title, hint, action }: { title: string; hint: string; action?: ReactNode }) {
  return (
    <main className="c-alone">
      <EmptyState header={title} headingLevel={1} description={hint} primaryAction={action} />
    </main>
  );
}
