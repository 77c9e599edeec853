import type { ExampleView } from '../api/types';
import { t } from '../messages';

const text = t.drafts.example;

/** A request that shows something, in words: “Ada asks for DeepL Pro (low risk), with public data, for 30 days”. */
export function exampleInWords(example: ExampleView): string {
  const groups = t.common.list(example.requester_groups.map((group) => group.name));
  const who = example.requester ? text.by(example.requester.name) : groups ? text.bySomebodyOf(groups) : text.bySomebody;
  const risk = t.policy.risks[example.risk];
  const tool = example.tool ? text.tool(example.tool.name, risk) : text.newTool(risk);
  const tags = example.tags.length > 0 ? ` ${text.tags(t.common.list(example.tags.map((tag) => `“${tag}”`)))}` : '';
  const classes = t.common.list(example.data_classes.map((each) => t.policy.dataClasses[each]));
  const days = text.days(t.common.days(example.days));
  const inAll = example.days_in_all > example.days ? ` (${text.inAll(t.common.days(example.days_in_all))})` : '';
  return `${capital(who)} ${tool}${tags}, ${classes ? text.data(classes) : text.noData}, ${days}${inAll}.`;
}

const capital = (sentence: string) => sentence.charAt(0).toUpperCase() + sentence.slice(1);
