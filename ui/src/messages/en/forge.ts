/** What holds only inside Jira. */
export const forge = {
  onlyInJira: 'This page belongs inside Jira',
  onlyInJiraHint: 'It cannot be opened by itself. Open AI Clearance from the menu of your Jira site.',
  unknownModule: 'This page is of another version of AI Clearance',
  unknownModuleHint: 'Reload the Jira page. If this stays, ask a Jira administrator to upgrade the app.',
  exports: {
    tab: 'Exports',
    list: 'Your exports',
    listHelp: 'An export is made by the app while you do something else, and kept for a day. Nobody but you can fetch it.',
    none: 'No export of yours is kept here',
    noneHint: 'Choose “Export evidence” above, or “Export as a table” under Requests.',
    begun: 'The export is being made',
    begunHelp: 'You can close this: it goes on by itself. You find it again under Governance log, Exports.',
    scopes: { period: 'A period', person: 'A person', tool: 'A tool', grant: 'One access', requests: 'All requests' },
    span: (from: string, until: string) => `${from} until before ${until}`,
    states: { streamed: 'Ready', making: 'Being made', kept: 'Ready', stopped: 'Stopped' },
    beginning: 'It begins within a minute.',
    read: (read: string, of: string) => `${read} of ${of} entries of the log read`,
    written: (kilobytes: string) => `${kilobytes} KB written`,
    progress: 'How much of the log is read',
    stopped: {
      too_large: 'It has more records than one export may have. Export shorter periods instead.',
      too_often: 'You exported too much in too short a time. Begin it again in an hour.',
      gone: 'What it was of does not exist any more.',
      erasure: 'Somebody whom it named was erased. Begin it again to get it without them.',
      too_late: 'It was not whole within a day. Begin it again with a shorter period.',
    },
    fetched: (kilobytes: string) => `${kilobytes} KB fetched …`,
    done: (kilobytes: string) => `${kilobytes} KB: your browser keeps the file.`,
  },

  /** The service that speaks with the providers. */
  core: {
    titles: {
      not_configured: 'No Core is configured',
      not_paired: 'Not paired with Core yet',
      paired: 'Paired with Core',
      refused: 'Core refuses this installation',
      unknown: 'Core does not know this installation',
      unreachable: 'Core cannot be reached',
    },
    hints: {
      not_configured: 'The app was deployed without the address of a Core. Tools by record and by hand work; connectors do not.',
      not_paired: 'Connectors work once this installation has a key. Core’s operator prints a one-time code for it.',
      paired: 'Connectors can be set up below.',
      refused: 'Its key was revoked, or Core belongs to another installation. Ask Core’s operator for a new one-time code.',
      unknown:
        'It no longer knows this installation’s key, or another service answers at its address. Ask Core’s operator before you pair again.',
      unreachable: 'Nothing is lost: jobs are tried again by themselves. If this stays, ask Core’s operator.',
    },
    pair: 'Pair with Core',
    pairTitle: 'Pair with Core',
    pairWhy: 'Enter the code that “ardsaor-core installation add” printed. It works once, within ten minutes.',
    code: 'One-time code',
    paired: 'Paired with Core',
  },
};
