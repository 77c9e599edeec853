// The interpreter: what each effect of the module means on this platform.
import { callCore } from '../core';
import { readAccount, reportAccounts } from '../jira/account';
import { comment, readIssue, transition } from '../jira/issue';
import { report } from '../report';
import type { Commits } from '../storage/commit';
import { getDocument, pageDocuments } from '../storage/documents';
import { packBundle } from '../storage/pack';
import { logEntries, logHead, logTile } from '../storage/log';
import { fingerprints, publicKey, rsaPublicKey, sign, signRsa } from '../vault/keys';
import { destroySecret, keepSecret, readSecret } from '../vault/secrets';
import { EffectFailure, unavailable, type Answer, type AskedEffect, type Effect } from './protocol';

/** Performs all of these at once and answers each under its id. */
export function perform(effects: AskedEffect[], commits: Commits): Promise<Answer[]> {
  return Promise.all(
    effects.map(async (effect): Promise<Answer> => {
      try {
        return { id: effect.id, ok: await one(effect, commits) };
      } catch (thrown) {
        const { code, message, retryAfterSeconds } = failure(effect, thrown);
        const error = { code, message, ...(retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds }) };
        return { id: effect.id, error };
      }
    }),
  );
}

/** What is no answer of ours is the platform's: it does not answer now. Messages go to the log and into the module, never to the caller. */
function failure(effect: Effect, thrown: unknown): EffectFailure {
  const known = thrown instanceof EffectFailure ? thrown : unavailable(`${effect.kind}: ${(thrown as Error).message}`);
  if (known.code !== 'conflict') report('effect_failed', { operation: effect.kind, code: known.code, cause: known.message });
  return known;
}

async function one(effect: Effect, commits: Commits): Promise<unknown> {
  switch (effect.kind) {
    case 'get':
      return { row: await getDocument(effect.entity, effect.key) };
    case 'page':
      return pageDocuments(effect);
    case 'commit':
      return commits.commit(effect);
    case 'log_head':
      return logHead();
    case 'log_entries':
      return { entries: await logEntries(effect.from, effect.limit) };
    case 'log_tile':
      return { hashes: await logTile(effect.level, effect.index) };
    case 'log_pack':
      await packBundle(effect.bundle);
      return {};
    case 'public_key':
      return { public_key: await publicKey(effect.key) };
    case 'sign':
      return { signature: await sign(effect.key, effect.message) };
    case 'rsa_public_key':
      return rsaPublicKey(effect.place);
    case 'sign_rsa':
      return { signature: await signRsa(effect.place, effect.scheme, effect.message) };
    case 'fingerprints':
      return { fingerprints: await fingerprints(effect.key, effect.messages) };
    case 'keep':
      await keepSecret(effect.place, effect.secret);
      return {};
    case 'secret':
      return { secret: await readSecret(effect.place) };
    case 'destroy':
      await destroySecret(effect.place);
      return {};
    case 'core':
      return callCore(effect);
    case 'jira_comment':
      await comment(effect.issue, effect.internal, effect.paragraphs);
      return {};
    case 'jira_transition':
      await transition(effect.issue, effect.transition);
      return {};
    case 'jira_issue':
      return readIssue(effect.issue);
    case 'jira_account':
      return readAccount(effect.account);
    case 'jira_report_accounts':
      return { erase: await reportAccounts(effect.accounts) };
    default:
      throw new Error(`no effect is called ${(effect as { kind: string }).kind}`);
  }
}
