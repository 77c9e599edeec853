import { QueryClientProvider } from '@tanstack/react-query';
import { FlagsProvider } from '@atlaskit/flag';
import { type ComponentType, Suspense, useState } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { createQueryClient } from '../api/hooks';
import type { Session } from '../api/session';
import { t } from '../messages';
import { Empty } from './Empty';
import { ErrorBoundary } from './ErrorBoundary';
import { useHashPath } from './hash';
import { type Host, HostProvider } from './host';
import { LoadingRows } from './Loading';
import { Navigation, type NavigationItem } from './Navigation';
import { Page } from './Page';
import { Reauthentication } from './Reauthentication';
import { SessionProvider, type SurfaceName, SurfaceProvider } from './session';
import { TopBar } from './TopBar';

export interface SurfaceRoute {
  /** Pattern of the hash path, for example `/tools/:id`. */
  path: string;
  page: ComponentType<{ id: string }>;
}

/** What one entry file shows: its navigation and its pages. */
export interface Surface {
  name: SurfaceName;
  navigation: readonly NavigationItem[];
  /** The page to begin with. */
  home: (session: Session) => string;
  /** What is to be seen above every page, if anything. */
  banner?: ComponentType;
  routes: readonly SurfaceRoute[];
}

/** The frame around every page: banner, navigation, main region, dialogs and flags. Jira has signing in, themes and people of its own. */
export function Frame({ surface, session, host = 'server' }: { surface: Surface; session: Session; host?: Host }) {
  const [client] = useState(createQueryClient);
  const home = surface.home(session);
  const [location] = useHashPath();
  return (
    <QueryClientProvider client={client}>
      <SessionProvider value={session}>
        <SurfaceProvider value={surface.name}>
          <HostProvider value={host}>
            <FlagsProvider>
              <Router hook={useHashPath}>
                <a className="c-skip" href="#main" onClick={skipToMain}>
                  {t.shell.skip}
                </a>
                {host === 'server' && <TopBar />}
                <div className="c-body">
                  <Navigation items={surface.navigation} />
                  <main id="main" tabIndex={-1} className="c-main">
                    {surface.banner && <surface.banner />}
                    <ErrorBoundary key={location}>
                      <Suspense fallback={<LoadingRows label={t.common.loadingPage} />}>
                        <Switch>
                          {surface.routes.map(({ path, page: PageOf }) => (
                            <Route key={path} path={path}>
                              {(params: Record<string, string | undefined>) => <PageOf key={params.id ?? ''} id={params.id ?? ''} />}
                            </Route>
                          ))}
                          <Route path="/">
                            <Redirect to={home} replace />
                          </Route>
                          <Route>
                            <Page title={t.shell.noSuchPage}>
                              <Empty
                                title={t.shell.noSuchPage}
                                hint={t.shell.noSuchPageHint}
                                link={{ href: `#${home}`, label: t.shell.home }}
                              />
                            </Page>
                          </Route>
                        </Switch>
                      </Suspense>
                    </ErrorBoundary>
                  </main>
                </div>
                {host === 'server' && <Reauthentication />}
              </Router>
            </FlagsProvider>
          </HostProvider>
        </SurfaceProvider>
      </SessionProvider>
    </QueryClientProvider>
  );
}

/** The hash belongs to the router, so the skip link moves the focus itself. */
function skipToMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
