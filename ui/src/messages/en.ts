import { access } from './en/access';
import { approvals } from './en/approvals';
import { catalog } from './en/catalog';
import { log } from './en/log';
import { people } from './en/people';
import { policy } from './en/policy';
import { refusals } from './en/refusals';
import { requests } from './en/requests';
import { common, errors, shell, signIn } from './en/shell';

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
  catalog,
  log,
  people,
  policy,
  refusals,
  requests,
};
