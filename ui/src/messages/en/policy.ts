/** Policy rules as sentences. A rule reads: “When <conditions>, <effect>.” */
export const policy = {
  title: 'Governance',
  lead: 'The policy decides what happens to each request. Every rule that matches takes part, and the strictest wins.',
  active: (version: number) => `Active policy, version ${version}`,
  activeSince: 'In force since',
  publishedBy: 'Published by',
  theProgram: 'the program, at its first start',
  note: 'Why',
  rulesInAll: 'Rules',
  rules: 'Rules',
  moreRules: (count: number) =>
    count === 1
      ? 'One more rule names a tool; it is shown with each request it decides.'
      : `${count} more rules name tools; they are shown with each request they decide.`,
  howItCombines: 'How rules combine',
  combination: [
    'A rule that denies beats one that asks people, and that beats automatic approval.',
    'If several rules ask people, all their stages are needed, one after the other.',
    'If several rules approve automatically, the shortest duration counts.',
    'A request that no rule matches needs an administrator.',
    'Nobody approves their own request, or two stages of one request. A stage left with nobody falls to the administrators who approve.',
  ],
  versions: 'All versions',
  versionList: 'Policy versions',
  version: 'Version',
  published: 'Published',
  state: 'State',
  inForce: 'In force',
  replaced: 'Replaced',
  none: 'No policy yet',
  noneHint: 'The program publishes its default policy at first start. Reload in a moment.',

  always: 'For every request',
  when: (conditions: string) => `When ${conditions}`,
  sentence: (when: string, then: string) => `${when}: ${then}.`,
  conditions: {
    tools: (names: string) => `the tool is ${names}`,
    risks: (words: string) => `the risk is ${words}`,
    tags: (words: string) => `the tool is tagged ${words}`,
    requesterGroups: (names: string) => `the requester is in ${names}`,
    anyDataClass: (words: string) => `any of the data is ${words}`,
    onlyDataClasses: (words: string) => `all of the data is ${words}`,
    longerThan: (days: string) => `the duration is longer than ${days}`,
    newTool: 'the tool is not in the catalogue',
    knownTool: 'the tool is in the catalogue',
  },
  effects: {
    deny: (reason: string) => `the request is denied (“${reason}”)`,
    autoApprove: (days: string) => `it is approved at once, for up to ${days} in all`,
    stages: (stages: string) => `it needs ${stages}`,
    then: ', then ',
  },
  quorums: {
    any: (who: string) => `approval by ${who}`,
    all: (who: string) => `approval by all of ${who}`,
    atLeast: (count: number, who: string) => `approval by ${count} of ${who}`,
  },
  approvers: {
    tool_owners: 'a tool owner',
    security: 'the security group',
    administrators: 'an administrator',
    group: (name: string) => `the group ${name}`,
    person: (name: string) => name,
  },
  /** Of whom several must approve. */
  approversMany: {
    tool_owners: 'the tool owners',
    security: 'the security group',
    administrators: 'the administrators',
  },
  unknownGroup: 'a group that no longer exists',
  somePerson: 'a named person',
  someTool: 'a named tool',
  kinds: { deny: 'Denies', auto_approve: 'Approves', require_stages: 'Asks people' },
  risks: { low: 'low', medium: 'medium', high: 'high', restricted: 'restricted' },
  dataClasses: { public: 'public', internal: 'internal', confidential: 'confidential', regulated: 'regulated' },

  outcomes: {
    denied: 'Denied by policy',
    auto_approved: 'Approved by policy',
    stages: 'People decide',
  },
};
