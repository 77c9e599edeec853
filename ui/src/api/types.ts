/**
 * Provisional: written by hand after the product's nouns until the generated `schema.d.ts` takes its place.
 * Everything else in the UI takes its types from this file only.
 */

export type Risk = 'low' | 'medium' | 'high' | 'restricted';
export type ToolStatus = 'draft' | 'requestable' | 'suspended' | 'retired';
export type DataClass = 'public' | 'internal' | 'confidential' | 'regulated';
export type Fulfilment = 'record_only' | 'manual' | 'connected';
export type Role = 'member' | 'administrator' | 'auditor';

export interface Named {
  id: string;
  name: string;
}

export interface ToolView extends Named {
  vendor: string;
  summary: string;
  guidance: string;
  url?: string | null;
  risk: Risk;
  status: ToolStatus;
  data_classes: DataClass[];
  models: string[];
  tags: string[];
  default_days: number;
  max_days: number;
  fulfilment: Fulfilment;
  usage_policy?: { version: number; text: string } | null;
  owners: Named[];
}

export type RequestState = 'pending' | 'needs_information' | 'approved' | 'denied' | 'cancelled' | 'lapsed';

export interface DecisionView {
  by: Named;
  decision: 'approve' | 'deny';
  rationale: string;
  at: string;
}

export interface StageView {
  name: string;
  state: 'waiting' | 'open' | 'approved' | 'denied';
  approvers_described: string;
  quorum: number;
  deadline?: string | null;
  decisions: DecisionView[];
}

export interface RequestView {
  id: string;
  state: RequestState;
  tool?: Named | null;
  proposed_tool?: { name: string; url?: string | null } | null;
  requester: Named;
  purpose: string;
  data_classes: DataClass[];
  days: number;
  submitted_at: string;
  deadline?: string | null;
  evaluation: { policy_version: number; matched_rules: string[]; outcome: string; reason?: string | null };
  stages: StageView[];
  question?: string | null;
  extends?: string | null;
  grant?: Named | null;
  may: { cancel: boolean; provide_information: boolean; decide: boolean; ask: boolean };
}

export type GrantState = 'awaiting_provisioning' | 'active' | 'removing' | 'needs_follow_up' | 'ended';

export interface GrantView {
  id: string;
  state: GrantState;
  person: Named;
  tool: Named;
  starts_at?: string | null;
  ends_at?: string | null;
  reason?: string | null;
  may: { extend: boolean; give_back: boolean; revoke: boolean; attest: boolean };
}

export interface EntryView {
  index: number;
  at: string;
  kind: string;
  actor?: string | null;
  leaf_hash: string;
  facts: Record<string, unknown>;
}
