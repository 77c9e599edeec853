import { FlagsProvider } from '@atlaskit/flag';
import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { createQueryClient } from '../api/hooks';
import type { Session } from '../api/session';
import { t } from '../messages';
import { ErrorBoundary } from './ErrorBoundary';
import { HostProvider } from './host';
import { LoadingRows } from './Loading';
import { SessionProvider } from './session';

/** Around what is part of somebody else's page: no navigation, and dialogs open in their place, for a low frame would cut them off. */
export function Panel({ session, children }: { session: Session; children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <SessionProvider value={session}>
        <HostProvider value="panel">
          <FlagsProvider>
            <main className="c-frame">
              <ErrorBoundary>
                <Suspense fallback={<LoadingRows label={t.common.loadingPage} />}>{children}</Suspense>
              </ErrorBoundary>
            </main>
          </FlagsProvider>
        </HostProvider>
      </SessionProvider>
    </QueryClientProvider>
  );
}
