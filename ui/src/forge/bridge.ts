/**
 * The one door to Jira: Atlassian's bridge, loaded only inside its frame, where it finds the platform's own global. Importing it anywhere
 * else throws.
 */
import { createElement, type ReactNode } from 'react';

export type Bridge = typeof import('@forge/bridge');

/** Whether Jira shows this page: the platform puts the bridge in place before any script of ours. */
export const inForge = (): boolean => '__bridge' in globalThis;

let loaded: Promise<Bridge> | null = null;

export function bridge(): Promise<Bridge> {
  loaded ??= import('@forge/bridge');
  return loaded;
}

/** What the platform says of where the page is shown, and to whom; as far as these pages look at it. */
export interface Place {
  /** Nobody, when an anonymous visitor of the portal looks. */
  accountId?: string;
  /** Of the manifest. */
  moduleKey: string;
  /** IANA name of the viewer's time zone. */
  timezone?: string;
  /** The issue's id, on pages about an issue. */
  issue?: string;
}

export async function place(): Promise<Place> {
  const { view } = await bridge();
  const context = await view.getContext();
  const { issue, request } = context.extension as Record<'issue' | 'request', { id?: string; key?: string } | undefined>;
  return {
    accountId: context.accountId,
    moduleKey: context.moduleKey,
    timezone: context.timezone,
    issue: issue?.id ?? request?.id ?? request?.key,
  };
}

/** A link to a page of Jira. A frame cannot leave itself, so the site around it goes there. */
export function JiraLink({ path, label, children }: { path: string; label: string; children: ReactNode }) {
  const go = (event: React.MouseEvent) => {
    event.preventDefault();
    void bridge().then(({ router }) => router.open(path));
  };
  return createElement('a', { href: path, 'aria-label': label, onClick: go }, children);
}
