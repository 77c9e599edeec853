import { createContext, useContext } from 'react';
import type { Session } from '../api/session';

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

/** Who is signed in. Every page inside the shell has one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside the shell');
  return session;
}

/** The viewer's time zone; null, the browser's own, also where nobody is signed in. */
export function useTimeZone(): string | null {
  return useContext(SessionContext)?.time_zone ?? null;
}

export type SurfaceName = 'app' | 'admin';

const SurfaceContext = createContext<SurfaceName>('app');
export const SurfaceProvider = SurfaceContext.Provider;

/** Which entry this page is shown in; some pages are part of both. */
export const useSurface = (): SurfaceName => useContext(SurfaceContext);

/** Whether to offer changes of catalogue, people and settings. Auditors read the same pages; the server refuses the rest anyway. */
export function useIsAdministrator(): boolean {
  return useSession().person.role === 'administrator';
}
