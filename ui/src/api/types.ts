/**
 * The API's types under the names the pages use. All come from `schema.d.ts`, which `npm run types` makes from `openapi.json`. Several nouns
 * have a finding; where a schema's name is not its own, the operation says which is meant.
 */
import type { Input, Item, Output } from './operations';
import type { components } from './schema';

type Schemas = components['schemas'];

export type Approvers = Schemas['Approvers'];
export type Category = Schemas['Category'];
export type CheckpointView = Schemas['CheckpointView'];
export type Conditions = Schemas['Conditions'];
export type DataClass = Schemas['DataClass'];
export type Difference = Schemas['Difference'];
export type DraftView = Schemas['DraftView'];
export type Effect = Schemas['Effect'];
export type EmergencyUse = Schemas['EmergencyUse'];
export type EmergencyView = Item<'emergency.list'>;
export type EntryView = Schemas['EntryView'];
export type ExampleView = Schemas['ExampleView'];
export type ExceptionView = Schemas['ExceptionView'];
export type Explanation = Schemas['Explanation'];
export type Fulfilment = Schemas['Fulfilment'];
export type GrantState = Schemas['GrantStateName'];
export type LintFinding = Schemas['LintFinding'];
export type Mentioned = Schemas['Mentioned'];
export type Outcome = Schemas['Outcome'];
export type PartResult = Schemas['PartResult'];
export type PersonView = Schemas['PersonView'];
export type PolicyView = Schemas['PolicyView'];
export type PreviewAnswer = Schemas['PreviewAnswer'];
export type PutRule = Schemas['PutRule'];
export type Quorum = Schemas['Quorum'];
export type RequestState = Schemas['RequestStateName'];
export type RequestView = Schemas['RequestView'];
export type ReviewFacts = Schemas['ReviewFacts'];
export type ReviewView = Schemas['ReviewView'];
export type Risk = Schemas['Risk'];
export type Role = Schemas['Role'];
export type Rule = Schemas['Rule'];
export type Settings = Schemas['Settings'];
export type StageRule = Schemas['StageRule'];
export type StageView = Schemas['StageView'];
export type TokenView = Schemas['TokenView'];
export type ToolProposalAnswer = Schemas['ToolProposalAnswer'];
export type ToolProposalView = Item<'tool_proposals.list'>;
export type ToolStatus = Schemas['ToolStatus'];
export type ToolView = Schemas['ToolView'];
export type VerifyAnswer = Schemas['VerifyAnswer'];
export type WideningView = Schemas['WideningView'];
export type AccountFound = Schemas['AccountFound'];
export type CertificateView = Schemas['CertificateView'];
export type ConnectorView = Schemas['ConnectorView'];
export type DispositionKind = Input<'drift.dispose'>['disposition']['kind'];
export type FindingState = Schemas['FindingStateName'];
export type FindingView = Item<'drift.list'>;
export type GroupCheck = Schemas['GroupChecked'];
export type HealthView = Schemas['HealthView'];
export type BindingView = Schemas['BindingView'];
export type IdentityView = Schemas['IdentityView'];
export type ImportedRow = Schemas['ImportedRow'];
export type ProposalView = Schemas['ProposalView'];
export type ProviderInput = Schemas['PutProvider'];
export type TestStep = Output<'connectors.test'>['steps'][number];
export type AttemptView = Output<'jobs.get'>['attempts'][number];
export type GrantView = Output<'grants.get'>['grant'];
export type AlarmLevel = NonNullable<Output<'jobs.alarm'>['alarm']>['level'];
export type InboxItemView = Item<'inbox.list'>;
export type IssueView = Schemas['IssueAnswer'];
export type SubmitRequest = Schemas['SubmitRequest'];
export type WaitingIssue = Schemas['WaitingIssue'];
export type JobState = NonNullable<Input<'jobs.list'>['state']>;
export type JobView = Item<'jobs.list'>;
export type Who = Schemas['Who'];

/** Anything that views name: a person, a group, a tool, a rule. */
export interface Named {
  id: string;
  name: string;
}
