/** Policy rules as sentences. A rule reads: “When <conditions>, <effect>.” */
export const policy = {
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
    manager: 'the requester’s manager',
    security: 'the security group',
    administrators: 'an administrator',
    group: (name: string) => `the group ${name}`,
    person: (name: string) => name,
  },
  /** What a stage does with time. */
  times: {
    remind: (days: string) => `reminded every ${days}`,
    escalate: (days: string, who: string) => `after ${days} also by ${who}`,
    fallback: (days: string, who: string) => `after ${days} by ${who} instead`,
    lapse: (days: string) => `after ${days} it lapses`,
  },
  /** Of whom several must approve. */
  approversMany: {
    tool_owners: 'the tool owners',
    manager: 'the requester’s manager',
    security: 'the security group',
    administrators: 'the administrators',
  },
  unknownGroup: 'a group that no longer exists',
  somePerson: 'a named person',
  someTool: 'a named tool',
  nothing: 'none at all',
  nobodyYet: 'whoever is chosen',
  kinds: { deny: 'Denies', auto_approve: 'Approves', require_stages: 'Asks people' },
  risks: { low: 'low', medium: 'medium', high: 'high', restricted: 'restricted' },
  dataClasses: { public: 'public', internal: 'internal', confidential: 'confidential', regulated: 'regulated' },

  /** What an evaluation says, on its own. */
  outcome: {
    denied: (reasons: string) => `Denied: ${reasons}`,
    moreReasons: (count: number) => (count === 1 ? ', for one more reason' : `, for ${count} more reasons`),
    auto_approved: (days: string) => `Approved at once, for up to ${days} in all`,
    stages: (stages: string) => `Needs ${stages}`,
  },
  outcomes: {
    denied: 'Denied by policy',
    auto_approved: 'Approved by policy',
    stages: 'People decide',
  },
};
