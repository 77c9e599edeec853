import { access } from './en/access';
import { approvals } from './en/approvals';
import { backTest } from './en/backTest';
import { catalog } from './en/catalog';
import { checkpoints } from './en/checkpoints';
import { connectors } from './en/connectors';
import { delegations } from './en/delegations';
import { drafts } from './en/drafts';
import { drift } from './en/drift';
import { emergency } from './en/emergency';
import { erasure } from './en/erasure';
import { evidence } from './en/evidence';
import { exceptions } from './en/exceptions';
import { explain } from './en/explain';
import { forge } from './en/forge';
import { governance } from './en/governance';
import { identities } from './en/identities';
import { inbox } from './en/inbox';
import { insights } from './en/insights';
import { intake } from './en/intake';
import { issues } from './en/issues';
import { jobs } from './en/jobs';
import { log } from './en/log';
import { people } from './en/people';
import { policy } from './en/policy';
import { proposals } from './en/proposals';
import { providerGroups } from './en/providerGroups';
import { receipt } from './en/receipt';
import { refusals } from './en/refusals';
import { requests } from './en/requests';
import { reviews } from './en/reviews';
import { ruleForm } from './en/ruleForm';
import { settings } from './en/settings';
import { common, errors, shell, signIn } from './en/shell';
import { tokens } from './en/tokens';
import { toolProposals } from './en/toolProposals';

/** English texts, one file per product noun. Values with variables are functions, so a forgotten variable does not compile. */
export const en = {
  locale: 'en-GB',
  product: 'AI Clearance',
  common,
  errors,
  shell,
  signIn,
  access,
  approvals,
  backTest,
  catalog,
  checkpoints,
  connectors,
  delegations,
  drafts,
  drift,
  emergency,
  erasure,
  evidence,
  exceptions,
  explain,
  forge,
  governance,
  identities,
  inbox,
  insights,
  intake,
  issues,
  jobs,
  log,
  people,
  policy,
  proposals,
  providerGroups,
  receipt,
  refusals,
  requests,
  reviews,
  ruleForm,
  settings,
  tokens,
  toolProposals,
};
