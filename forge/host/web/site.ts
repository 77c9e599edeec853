// The markup of the site around the app's pages. It looks like nothing in particular: what is tested is inside the frame.
import type { Installation } from '../installation.ts';
import type { Manifest, Surface } from '../manifest.ts';
import type { View } from './views.ts';

const SANDBOX = 'allow-popups allow-popups-to-escape-sandbox allow-downloads allow-forms allow-modals allow-pointer-lock allow-same-origin allow-scripts';

/** The list of all pages, with the issues there are. */
export function list({ surfaces }: Manifest, site: Installation): string {
  const account = [...site.jira.accounts.keys()][0] ?? '';
  const issues = [...site.jira.issues.values()];
  // Several pages share a title.
  const name = ({ title, key }: Surface) => (title === undefined ? key : `${title} (${key})`);
  const link = (surface: Surface, issue?: string) => {
    const query = new URLSearchParams({ site: site.cloudId, module: surface.key, account, ...(issue && { issue }) });
    return `<a href="/view?${escape(query.toString())}">${escape(issue ?? name(surface))}</a>`;
  };
  const item = (surface: Surface) =>
    isAboutIssue(surface)
      ? `<li>${escape(name(surface))}: ${issues.map(({ key }) => link(surface, key)).join(', ') || 'no issue yet'}</li>`
      : `<li>${link(surface)}</li>`;
  const shown = [...surfaces.values()].map((surface) => `${item(surface)}`);
  return html('The app on this machine', '', `<main><h1>${escape(site.cloudId)}</h1><ul>${shown.join('')}</ul></main>`);
}

/** One page of the app in its frame. */
export function page(view: View, manifest: Manifest, frame: string): string {
  const people = [...view.installation.jira.accounts.values()].map(
    ({ accountId, displayName }) => `<option value="${escape(accountId)}"${accountId === view.accountId ? ' selected' : ''}>${escape(displayName)}</option>`,
  );
  const anonymous = `<option value=""${view.accountId === undefined ? ' selected' : ''}>nobody</option>`;
  const title = view.surface.title ?? manifest.surfaces.get(view.surface.key)?.key ?? '';
  const creates = view.surface.type === 'jiraServiceManagement:portalRequestCreatePropertyPanel';
  const form = creates ? `<form id="send"><input name="summary" aria-label="Summary" value="Access to a tool" required><button>Send</button></form>` : '';
  return html(
    title,
    ` data-view="${view.id}" data-route="${escape(view.route)}"`,
    `<header><a href="/">All pages</a><strong>${escape(title)}</strong><label>as <select id="person">${people.join('')}${anonymous}</select></label></header>
${form}<iframe title="${escape(title)}" src="${frame}" sandbox="${SANDBOX}" height="1200"></iframe><div id="flags" role="status"></div><script src="/site.js"></script>`,
  );
}

function isAboutIssue({ type }: Surface): boolean {
  return type.startsWith('jira:issue') || (type.startsWith('jiraServiceManagement:portalRequest') && !type.includes('Create'));
}

function html(title: string, attributes: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><link rel="stylesheet" href="/site.css"></head><body${attributes}>${content}</body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
