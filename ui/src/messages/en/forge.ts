/** What holds only inside Jira. */
export const forge = {
  onlyInJira: 'This page belongs inside Jira',
  onlyInJiraHint: 'It cannot be opened by itself. Open AI Clearance from the menu of your Jira site.',
  unknownModule: 'This page is of another version of AI Clearance',
  unknownModuleHint: 'Reload the Jira page. If this stays, ask a Jira administrator to upgrade the app.',
  exportElsewhere:
    'Jira’s pages cannot hand out files of this size yet. Ask an administrator who runs AI Clearance on a server of its own.',
};
