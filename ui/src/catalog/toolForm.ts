import type { Input } from '../api/operations';
import type { Category, DataClass, EmergencyUse, Fulfilment, Risk, ToolStatus, ToolView } from '../api/types';
import { t } from '../messages';
import type { Option } from '../shell/fields';

type FulfilmentKind = Fulfilment['kind'];

/** What the fields of the tool form hold. */
export interface ToolValues {
  name: string;
  vendor: string;
  url: string;
  category?: Option<Category>;
  summary: string;
  guidance: string;
  models: string;
  tags: string;
  status: Option<ToolStatus>;
  risk: Option<Risk>;
  data_classes: readonly DataClass[];
  owners: readonly Option[];
  default_days: string;
  max_days: string;
  review_days: string;
  seat_cap: string;
  emergency: Option<EmergencyUse>;
  fulfilment: Option<FulfilmentKind>;
  assignee?: Option;
  usage_policy: string;
}

/** A tool as the fields show it; a new tool starts as a draft on cautious terms. */
export function initialValues(tool: ToolView | null): ToolValues {
  const option = <V extends string>(value: V, words: Record<V, string>): Option<V> => ({ value, label: words[value] });
  const text = t.catalog;
  return {
    name: tool?.name ?? '',
    vendor: tool?.vendor ?? '',
    url: tool?.url ?? '',
    category: tool ? option(tool.category, text.categories) : undefined,
    summary: tool?.summary ?? '',
    guidance: tool?.guidance ?? '',
    models: (tool?.models ?? []).join('\n'),
    tags: (tool?.tags ?? []).join(', '),
    status: option(tool?.status ?? 'draft', text.statuses),
    risk: option(tool?.risk ?? 'medium', text.risks),
    data_classes: tool?.data_classes ?? ['public'],
    owners: (tool?.owners ?? []).map((owner) => ({ value: owner.id, label: owner.name })),
    default_days: String(tool?.default_days ?? 30),
    max_days: String(tool?.max_days ?? 90),
    review_days: String(tool?.review_days ?? 14),
    emergency: option(tool?.emergency ?? 'never', t.emergency.useWords),
    seat_cap: String(tool?.seat_cap ?? ''),
    fulfilment: option(tool?.fulfilment.kind ?? 'record_only', text.fulfilmentHelp),
    assignee: assigneeOf(tool),
    usage_policy: tool?.usage_policy?.text ?? '',
  };
}

/** What `catalog.put` takes, from the fields. */
export function inputOf(values: ToolValues, tool: ToolView | null): Input<'catalog.put'> {
  const lines = (text: string, separator: RegExp) =>
    text
      .split(separator)
      .map((each) => each.trim())
      .filter(Boolean);
  const optional = (text: string) => text.trim() || null;
  return {
    ...(tool ? { id: tool.id, version: tool.version } : {}),
    name: values.name.trim(),
    vendor: values.vendor.trim(),
    url: optional(values.url),
    category: values.category?.value ?? 'assistant',
    summary: values.summary.trim(),
    guidance: optional(values.guidance),
    models: lines(values.models, /\n/),
    tags: lines(values.tags, /,/),
    status: values.status.value,
    risk: values.risk.value,
    data_classes: [...values.data_classes],
    owners: values.owners.map((owner) => owner.value),
    default_days: Number(values.default_days),
    max_days: Number(values.max_days),
    review_days: Number(values.review_days),
    emergency: values.emergency.value,
    seat_cap: values.seat_cap.trim() ? Number(values.seat_cap) : null,
    fulfilment: fulfilmentOf(values),
    usage_policy: optional(values.usage_policy),
  };
}

function fulfilmentOf({ fulfilment, assignee }: ToolValues): Fulfilment {
  if (fulfilment.value === 'manual') return { kind: 'manual', assignee: assignee?.value ?? null };
  return { kind: fulfilment.value };
}

/** The view names the assignee by id only; when it is an owner the name is known. */
function assigneeOf(tool: ToolView | null): Option | undefined {
  const id = tool?.fulfilment.kind === 'manual' ? tool.fulfilment.assignee : null;
  if (!id) return undefined;
  return { value: id, label: tool?.owners.find((owner) => owner.id === id)?.name ?? t.catalog.assignedNow };
}
