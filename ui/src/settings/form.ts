import type { Input } from '../api/operations';
import type { Settings } from '../api/types';
import { t } from '../messages';
import type { Option } from '../shell/fields';
import { reviewsOf, type ReviewValues } from './reviews';

export type LimitClass = keyof typeof t.settings.classes;
export type RetentionKind = keyof typeof t.settings.retentions;
export const limitClasses = Object.keys(t.settings.classes) as LimitClass[];
export const retentionKinds = Object.keys(t.settings.retentions) as RetentionKind[];

/** What the form holds: numbers as typed. Names of nested settings are joined by `_`, since forms take a dot for nesting. */
export interface SettingsValues extends ReviewValues {
  organization: string;
  administrators: Option;
  security: Option;
  pending_days: string;
  drift_hours: string;
  removal_share_percent: string;
  email_notices: Option<'yes' | 'no'>;
  [nested: `limits_${string}` | `retention_${string}`]: string | undefined;
}

export const limitField = (name: LimitClass, part: 'per_hour' | 'burst') => `limits_${name}_${part}` as const;
export const retentionField = (kind: RetentionKind) => `retention_${kind}` as const;

/** What differs from the settings as loaded, as the operation takes it: what somebody else changed meanwhile stays. */
export function changesOf(values: SettingsValues, before: Settings): Input<'settings.put'> {
  const put: Input<'settings.put'> = {};
  const { organization, administrators, security } = values;
  if (organization.trim() !== before.organization) put.organization = organization.trim();
  if (administrators.value !== before.administrators) put.administrators = administrators.value;
  if (security.value !== before.security) put.security = security.value;
  if (Number(values.pending_days) !== before.pending_days) put.pending_days = Number(values.pending_days);
  if (Number(values.drift_hours) !== before.drift_hours) put.drift_hours = Number(values.drift_hours);
  const share = Number(values.removal_share_percent);
  if (share !== before.removal_share_percent) put.removal_share_percent = share;
  const notices = values.email_notices.value === 'yes';
  if (notices !== before.email_notices) put.email_notices = notices;
  for (const name of limitClasses) {
    const [per_hour, burst] = [Number(values[limitField(name, 'per_hour')]), Number(values[limitField(name, 'burst')])];
    const old = before.limits?.[name];
    if (per_hour !== old?.per_hour || burst !== old.burst) put.limits = { ...put.limits, [name]: { per_hour, burst } };
  }
  for (const kind of retentionKinds) {
    const days = Number(values[retentionField(kind)]);
    if (days !== before.retention?.[kind]) put.retention = { ...put.retention, [kind]: days };
  }
  const reviews = reviewsOf(values, before.reviews ?? {});
  if (reviews) put.reviews = reviews;
  return put;
}
