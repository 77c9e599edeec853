// The scheduled triggers only push: the work itself takes as long as a consumer may.
import { removeBlanks } from '../storage/blanks';
import { push, type HostOperation } from './queue';

const answered = { statusCode: 204 };

const due = (operations: readonly HostOperation[]) => async (): Promise<typeof answered> => {
  await Promise.all(operations.map((operation) => push(operation)));
  return answered;
};

/** Every five minutes. Initialising does nothing when the site is there; it is here in case the event of the installation was lost. */
export const sweep = due(['site.initialize', 'clockwork.run', 'provisioning.run', 'notices.send', 'exports.make', 'log.pack']);
/** Every hour. */
export const hourly = due(['drift.run']);
/** Every day. */
export async function daily(): Promise<typeof answered> {
  await push('people.report_accounts');
  await push('log.verify');
  await removeBlanks();
  return answered;
}
