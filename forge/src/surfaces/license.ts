import { getAppContext } from '@forge/api';

/**
 * Whether the app is licensed here. Only production installations have licences. A lapsed one stops new requests, never removals: what has
 * begun is ended as it was promised.
 */
export function isAppLicensed(license: unknown): boolean {
  const known = license as { isActive?: boolean; active?: boolean } | null | undefined;
  if (known) return known.isActive ?? known.active ?? false;
  return getAppContext().environmentType.toUpperCase() !== 'PRODUCTION';
}
