import { useCommand } from '../api/hooks';
import type { Input } from '../api/operations';
import { useHost } from '../shell/host';
import type { Export } from './ExportReady';

export type Scope = Input<'exports.begin'>['scope'];

/** Makes an export: our own server at once, to be downloaded; inside Jira, where no call lasts long enough, step by step. */
export function useExport(): { make: (scope: Scope) => Promise<Export>; busy: boolean } {
  const onServer = useHost() === 'server';
  const [evidence, requests, begin] = [useCommand('evidence.export'), useCommand('requests.export'), useCommand('exports.begin')];
  const make = async (scope: Scope) => {
    if (!onServer) return (await begin.run({ scope })).export;
    return (await (scope.of === 'requests' ? requests.run({}) : evidence.run({ scope: direct(scope) }))).export;
  };
  return { make, busy: evidence.busy || requests.busy || begin.busy };
}

function direct(scope: Exclude<Scope, { of: 'requests' }>): Input<'evidence.export'>['scope'] {
  switch (scope.of) {
    case 'period':
      return { period: { from: scope.from, to: scope.until } };
    case 'person':
      return { person: scope.person };
    case 'tool':
      return { tool: scope.tool };
    case 'grant':
      return { grant: scope.grant };
  }
}
