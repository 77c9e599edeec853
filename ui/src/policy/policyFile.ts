import { isRecord, OperationError } from '../api/errors';
import type { Mentioned, PutRule, Rule } from '../api/types';
import { t } from '../messages';

/** A file that is no policy, and why, in the way in which dialogs tell refusals. */
const unreadable = (why: string) => new OperationError('invalid_file', t.drafts.unreadable(why), 400);

/** The library is fetched by those who need it. */
const yaml = () => import('yaml');

/** Rules as a YAML file, as `clearance policy export` writes it: what ids are called stands beside them. */
export async function asYaml(title: string, rules: readonly Rule[], mentioned: Mentioned): Promise<string> {
  const { Document, isScalar, visit } = await yaml();
  const names = new Map([...mentioned.tools, ...mentioned.groups, ...mentioned.people].map(({ id, name }) => [id as string, name]));
  const document = new Document({ rules: rules.map(asInFile) });
  visit(document, {
    Scalar(_key, node) {
      const name = isScalar(node) && typeof node.value === 'string' ? names.get(node.value) : undefined;
      if (name !== undefined) node.comment = ` ${name}`;
    },
  });
  document.commentBefore = ` ${title}. ${t.drafts.fileComment}`;
  return document.toString({ lineWidth: 0 });
}

/** A rule that always matches has no conditions to write down. */
function asInFile({ id, name, when, then }: Rule): object {
  return { id, name, ...(Object.keys(when).length > 0 ? { when } : {}), then };
}

/**
 * The rules of a YAML or JSON file. What a rule must look like the server says.
 *
 * @throws {OperationError} when it is neither, or has no list of rules.
 */
export async function rulesOf(text: string): Promise<PutRule[]> {
  const { parse } = await yaml();
  let content: unknown;
  try {
    content = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
  if (!isRecord(content) || !Array.isArray(content.rules)) throw unreadable(t.drafts.noRules);
  // The server reads them, and refuses what is not a rule.
  return content.rules as PutRule[];
}
