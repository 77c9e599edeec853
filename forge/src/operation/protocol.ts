// What crosses the boundary of the module: the JSON shapes that crates/clearance-forge declares.

/** Who calls, as the platform authenticated it. */
export type Caller = 'system' | 'anonymous' | { account: Account };

export interface Account {
  /** The platform's account id, from its principal: never from the browser. */
  id: string;
  administrator: boolean;
  auditor: boolean;
  licensed: boolean;
  surface: Surface;
  /** The id of the issue that the platform shows the account there: from its context, never from the payload. */
  issue?: string;
}

export type Surface = 'admin' | 'app' | 'portal' | 'issue' | 'queue';

export interface Start {
  operation: string;
  caller: Caller;
  input: unknown;
  idempotency_key?: string;
  /** RFC 3339, UTC. */
  now: string;
  /** When long work shall begin nothing new. */
  until: string;
  /** 32 random bytes, hexadecimal. */
  seed: string;
  /** Host, and port unless it is 443, of the remote `core`: it is signed. Absent without a Core. */
  core?: string;
}

export interface Position {
  range: string;
  key: string;
}

export interface Row {
  key: string;
  revision: number;
  body: string;
}

export interface PageEffect {
  kind: 'page';
  entity: string;
  index: { name: string; partition: Record<string, string>; range: string } | null;
  from: string | null;
  until: string | null;
  order: 'ascending' | 'descending';
  after: Position | null;
  limit: number;
}

export type Write =
  | { kind: 'put'; entity: string; key: string; expected: number | null; body: string; attributes: Record<string, string> }
  | { kind: 'delete'; entity: string; key: string; expected: number }
  | { kind: 'check'; entity: string; key: string; expected: number | null };

export interface NewEntry {
  text: string;
  leaf_hash: string;
}

export interface CommitEffect {
  kind: 'commit';
  writes: Write[];
  entries: NewEntry[];
}

/** What the module asks for; crates/clearance-forge/src/effect says what each means and how it is answered. */
export type Effect =
  | { kind: 'get'; entity: string; key: string }
  | PageEffect
  | CommitEffect
  | { kind: 'log_head' }
  | { kind: 'log_entries'; from: number; limit: number }
  | { kind: 'log_tile'; level: number; index: number }
  | { kind: 'log_pack'; bundle: number }
  | { kind: 'public_key'; key: string }
  | { kind: 'sign'; key: string; message: string }
  | { kind: 'rsa_public_key'; place: string }
  | { kind: 'sign_rsa'; place: string; scheme: 'RS256' | 'PS256'; message: string }
  | { kind: 'fingerprints'; key: string; messages: string[] }
  | { kind: 'keep'; place: string; secret: string }
  | { kind: 'secret'; place: string }
  | { kind: 'destroy'; place: string }
  | { kind: 'core'; path: string; headers: Record<string, string>; body: string }
  | { kind: 'jira_comment'; issue: string; internal: boolean; paragraphs: string[] }
  | { kind: 'jira_transition'; issue: string; transition: string }
  | { kind: 'jira_issue'; issue: string }
  | { kind: 'jira_account'; account: string }
  | { kind: 'jira_report_accounts'; accounts: { account: string; updated_at: string }[] };

export type AskedEffect = Effect & { id: number };

export type FailureCode = 'conflict' | 'too_large' | 'damaged' | 'unavailable' | 'refused';

export type Answer =
  | { id: number; ok: unknown }
  | { id: number; error: { code: FailureCode; message: string; retry_after_seconds?: number } };

/** A refusal or an error as the caller may see it. */
export interface Told {
  code: string;
  message: string;
  details?: unknown;
}

export type Progress =
  | { effects: AskedEffect[] }
  | { done: unknown; wake?: string[] }
  | { refused: Told }
  | { failed: { error: Told; cause: string } };

/** Why an effect was not done. */
export class EffectFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** Someone else was first: an answer, not an error to look into. */
export const conflict = (): EffectFailure => new EffectFailure('conflict', 'somebody else was first');
export const unavailable = (message: string, retryAfterSeconds?: number): EffectFailure =>
  new EffectFailure('unavailable', message, retryAfterSeconds);
