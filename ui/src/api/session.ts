import { errorFrom, isRecord } from './errors';
import { send } from './http';

/** Sign-in is the self-hosted server's own business: these are endpoints of the host, not operations. */
export interface Session {
  person: { id: string; name: string; email: string; role: string };
  /** IANA name from the person's settings; null means the browser's own. */
  time_zone: string | null;
  /** The provider one may sign in with, when the server has one. */
  oidc: { name: string } | null;
  /** What the server says this person may open; absent means no. */
  may: Record<string, boolean>;
}

export type SessionAnswer = { signedIn: true; session: Session } | { signedIn: false; oidc: { name: string } | null };

export async function getSession(): Promise<SessionAnswer> {
  const response = await send('/session');
  if (response.status === 401) {
    const body: unknown = await response.json().catch(() => null);
    const oidc = isRecord(body) && isRecord(body.oidc) && typeof body.oidc.name === 'string' ? { name: body.oidc.name } : null;
    return { signedIn: false, oidc };
  }
  if (!response.ok) throw await errorFrom(response);
  const body = (await response.json()) as Partial<Session> & Pick<Session, 'person'>;
  return {
    signedIn: true,
    session: { person: body.person, time_zone: body.time_zone ?? null, oidc: body.oidc ?? null, may: body.may ?? {} },
  };
}

export const signIn = (email: string, password: string) => post('/session/sign-in', { email, password });
export const setUp = (token: string, password: string) => post('/session/set-up', { token, password });
export const signOut = () => post('/session/sign-out', {});

/** Where to send the browser to sign in with the provider and come back. */
export function providerSignIn(returnTo: string): string {
  return `/session/oidc/start?return_to=${encodeURIComponent(returnTo)}`;
}

/** Where to send a signed-out person, remembering where they were. */
export function signInAddress(returnTo: string): string {
  return `/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}

/**
 * A return address that came in through the query string, reduced to a place inside this application.
 * Anything else (another site, a script address) becomes the App page.
 */
export function safeReturnTo(value: string | null): string {
  try {
    const url = new URL(value ?? '', location.origin);
    if (url.origin === location.origin && (url.pathname === '/app' || url.pathname === '/admin')) {
      return url.pathname + url.search + url.hash;
    }
  } catch {
    // not an address at all
  }
  return '/app';
}

async function post(path: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json', 'X-Clearance-CSRF': '1' };
  const response = await send(path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw await errorFrom(response);
}
