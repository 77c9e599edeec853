/**
 * Provisional: written by hand after the product's nouns until the generated `schema.d.ts` takes its place.
 * Everything else in the UI takes its types from this file only.
 */

export type Risk = 'low' | 'medium' | 'high' | 'restricted';
export type ToolStatus = 'draft' | 'requestable' | 'suspended' | 'retired';
export type DataClass = 'public' | 'internal' | 'confidential' | 'regulated';
export type Fulfilment = { kind: 'record_only' } | { kind: 'manual'; assignee?: string | null } | { kind: 'connected' };
export type Role = 'member' | 'administrator' | 'auditor';

export interface Named {
  id: string;
  name: string;
}

export type Category = 'assistant' | 'coding' | 'media' | 'meetings' | 'research' | 'model_api' | 'writing';

export interface ToolView extends Named {
  vendor: string;
  url?: string | null;
  category: Category;
  models: string[];
  summary: string;
  guidance?: string | null;
  risk: Risk;
  status: ToolStatus;
  data_classes: DataClass[];
  usage_policy?: { version: number; text: string } | null;
  owners: Named[];
  default_days: number;
  max_days: number;
  review_days: number;
  fulfilment: Fulfilment;
  tags: string[];
  version: number;
  may_change: boolean;
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
  standing: 'decided' | 'open' | 'ahead';
  approvers: string[];
  quorum: Quorum;
  since?: string | null;
  approvals: { by: Named; at: string; rationale?: string | null; days?: number | null }[];
}

export interface RequestView {
  id: string;
  state: string;
  requester: Named;
  tool: Named;
  risk: Risk;
  purpose: string;
  data_classes: DataClass[];
  days: number;
  acknowledged?: number | null;
  source?: string;
  submitted_at: string;
  extends?: string | null;
  policy_version: number;
  matched_rules: Named[];
  outcome: Outcome;
  stages: StageView[];
  deadline?: string | null;
  exchanges: { asked_by: Named; asked_at: string; question: string; answer?: string | null; answered_at?: string | null }[];
  closed_at?: string | null;
  closed_by?: Named | null;
  denial: string[];
  approved_days?: number | null;
  grant?: string | null;
  may_decide: boolean;
  may_cancel: boolean;
  may_answer: boolean;
}

/** What an approver sees of a request in the queue. */
export interface WaitingSummary {
  id: string;
  requester: Named;
  tool: Named;
  risk: Risk;
  data_classes: DataClass[];
  days: number;
  submitted_at: string;
  deadline: string;
  extension: boolean;
}

export type GrantState = 'awaiting_provisioning' | 'active' | 'removing' | 'needs_follow_up' | 'ended';

export type EndReason = 'expired' | 'revoked' | 'given_back' | 'rejected_by_provider';

export interface GrantView {
  id: string;
  state: GrantState;
  person: Named;
  tool: Named;
  request: string;
  approved_at: string;
  activated_at?: string | null;
  ends_at?: string | null;
  ended_at?: string | null;
  end_reason?: EndReason | null;
  days?: number | null;
  follow_up?: string | null;
  extensions: number;
  manual: boolean;
  may_extend: boolean;
  may_give_back: boolean;
  may_revoke: boolean;
}

export interface EntryView {
  index: number;
  at: string;
  kind: string;
  leaf_hash: string;
  /** The entry's canonical JSON: what the leaf hash is of. */
  entry: string;
}

export interface PersonView extends Named {
  email?: string | null;
  role: Role;
  status: string;
  groups: Named[];
}

export interface Settings {
  organization: string;
  administrators: string;
  security: string;
  pending_days: number;
  email_notices: boolean;
}

export interface PutTool {
  id?: string | null;
  version?: number | null;
  name: string;
  vendor: string;
  url?: string | null;
  category: Category;
  models?: string[];
  summary: string;
  guidance?: string | null;
  risk: Risk;
  status: ToolStatus;
  data_classes: DataClass[];
  usage_policy?: string | null;
  owners?: string[];
  default_days: number;
  max_days: number;
  review_days?: number | null;
  fulfilment?: Fulfilment | null;
  tags?: string[];
}

export interface SubmitRequest {
  tool: string;
  purpose: string;
  data_classes: DataClass[];
  days: number;
  acknowledged?: number | null;
}

export interface PreviewAnswer {
  outcome: 'auto_approved' | 'denied' | 'stages';
  reasons: string[];
  stages: StageView[];
  matched_rules: Named[];
  extension: boolean;
}

export interface JobView {
  id: string;
  task: 'provision' | 'deprovision';
  state: string;
  grant: string;
  person: Named;
  tool: Named;
  assignee?: Named | null;
  queued_at: string;
  may_attest: boolean;
}

export type Approvers = 'tool_owners' | 'security' | 'administrators' | { person: string } | { group: string };
export type Quorum = 'any' | 'all' | { at_least: number };

export interface StageRule {
  name: string;
  approvers: Approvers[];
  quorum: Quorum;
}

export interface Conditions {
  tools?: string[] | null;
  risks?: Risk[] | null;
  tags?: string[] | null;
  requester_groups?: string[] | null;
  any_data_class?: DataClass[] | null;
  only_data_classes?: DataClass[] | null;
  longer_than?: number | null;
  new_tool?: boolean | null;
}

export type Effect =
  | { kind: 'deny'; reason: string }
  | { kind: 'auto_approve'; max_days: number }
  | { kind: 'require_stages'; stages: StageRule[] };

export interface Rule extends Named {
  when: Conditions;
  then: Effect;
}

export interface PolicyView {
  number: number;
  active: boolean;
  published_by?: Named | null;
  published_at: string;
  note?: string | null;
  rules: Rule[];
  rules_in_all: number;
}

export type Outcome =
  | { kind: 'denied'; reasons: string[] }
  | { kind: 'auto_approved'; max_days: number }
  | { kind: 'stages'; stages: StageRule[] };

export interface VerifyState {
  size: number;
  root: string;
  verified: number;
  hashes: string[];
}

export interface VerifyAnswer {
  ok?: boolean | null;
  verified: number;
  size: number;
  root: string;
  problem?: string | null;
  next?: VerifyState | null;
}

export interface PartResult {
  request: string;
  decided: boolean;
  code?: string | null;
  message?: string | null;
}
