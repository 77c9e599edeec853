// A Jira site with service management, as far as the app sees one: accounts, projects, issues, requests.

export interface Account {
  accountId: string;
  displayName: string;
  accountType: 'atlassian' | 'customer' | 'app';
  active: boolean;
  licensed: boolean;
  /** Ids of groups. */
  groups: Set<string>;
  administrator: boolean;
  /** Keys of the app's own global permissions. */
  permissions: Set<string>;
}

export interface Comment {
  id: string;
  author: string;
  body: unknown;
  /** Whether customers do not see it. */
  internal: boolean;
}

export type StatusCategory = 'new' | 'indeterminate' | 'done';

export interface Status {
  id: string;
  name: string;
  category: StatusCategory;
}

export interface Approval {
  id: string;
  name: string;
  finalDecision: 'approved' | 'declined' | 'pending';
}

export interface Issue {
  id: string;
  key: string;
  projectId: string;
  summary: string;
  /** Account ids; nobody for an anonymous customer. */
  reporter: string | null;
  creator: string | null;
  status: Status;
  resolved: boolean;
  properties: Map<string, unknown>;
  comments: Comment[];
  approvals: Approval[];
  serviceDesk: boolean;
}

export interface Project {
  id: string;
  key: string;
  name: string;
  serviceDesk: boolean;
  portalId: string;
}

export const STATUSES: Status[] = [
  { id: '1', name: 'Waiting for approval', category: 'new' },
  { id: '2', name: 'In progress', category: 'indeterminate' },
  { id: '3', name: 'Done', category: 'done' },
  { id: '4', name: 'Declined', category: 'done' },
];

/** Transitions of every issue: one to each status, named after it. */
export const TRANSITIONS = STATUSES.map((to) => ({ id: `${to.id}1`, name: to.name, to }));

export class JiraSite {
  readonly accounts = new Map<string, Account>();
  readonly groups = new Map<string, string>();
  readonly projects = new Map<string, Project>();
  readonly issues = new Map<string, Issue>();
  /** Accounts that Atlassian deleted; personal-data reports are answered with these. */
  readonly closedAccounts = new Set<string>();
  /** What was reported of whom, newest last. */
  readonly reports: { accountId: string; updatedAt: string }[][] = [];
  #numbers = 10_000;

  number(): string {
    this.#numbers += 1;
    return String(this.#numbers);
  }

  account(accountId: string, displayName: string, of: Partial<Omit<Account, 'accountId' | 'displayName' | 'groups'>> & { groups?: string[] } = {}): Account {
    const { groups = [], ...rest } = of;
    const account: Account = {
      accountId,
      displayName,
      accountType: 'atlassian',
      active: true,
      licensed: (rest.accountType ?? 'atlassian') === 'atlassian',
      administrator: false,
      permissions: new Set(),
      ...rest,
      groups: new Set(groups),
    };
    for (const group of groups) if (!this.groups.has(group)) this.groups.set(group, group);
    this.accounts.set(accountId, account);
    return account;
  }

  project(key: string, name: string, serviceDesk = true): Project {
    const id = this.number();
    const project = { id, key, name, serviceDesk, portalId: id };
    this.projects.set(key, project);
    return project;
  }

  /** Makes an issue as `creator` for `reporter`, with properties that the portal panel submitted. */
  issue(projectKey: string, of: { summary: string; reporter: string | null; creator?: string | null; properties?: Record<string, unknown> }): Issue {
    const project = this.projects.get(projectKey);
    if (!project) throw new Error(`there is no project ${projectKey}`);
    const id = this.number();
    const issue: Issue = {
      id,
      key: `${projectKey}-${id}`,
      projectId: project.id,
      summary: of.summary,
      reporter: of.reporter,
      creator: of.creator === undefined ? of.reporter : of.creator,
      status: STATUSES[0] as Status,
      resolved: false,
      properties: new Map(Object.entries(of.properties ?? {})),
      comments: [],
      approvals: [],
      serviceDesk: project.serviceDesk,
    };
    this.issues.set(id, issue);
    return issue;
  }

  find(idOrKey: string): Issue | undefined {
    return this.issues.get(idOrKey) ?? [...this.issues.values()].find(({ key }) => key === idOrKey);
  }

  /** Moves an issue along one of the [`TRANSITIONS`]; false when there is none of this id. */
  transition(issue: Issue, id: string): boolean {
    const to = TRANSITIONS.find((transition) => transition.id === id)?.to;
    if (!to) return false;
    issue.status = to;
    issue.resolved = to.category === 'done';
    return true;
  }
}
