import type { InboxItemView } from '../api/types';
import type { Host } from '../shell/host';
import type { SurfaceName } from '../shell/session';

type Link = InboxItemView['link'];

/** The pages that show what an item is about, and where they are on them. */
function places({ kind, id }: Link): { surfaces: readonly SurfaceName[]; path: string } {
  switch (kind) {
    case 'approval':
    case 'request':
      return { surfaces: ['app', 'admin'], path: `/requests/${id}` };
    case 'tool':
      return { surfaces: ['app'], path: `/tools/${id}` };
    case 'policy_version':
      return { surfaces: ['admin'], path: `/governance/versions/${id}` };
    case 'stuck_removals':
      return { surfaces: ['admin'], path: '/jobs?stuck=true' };
    case 'policy':
      return { surfaces: ['admin'], path: '/governance' };
    case 'proposed_tool':
      return { surfaces: ['app'], path: `/proposed-tools/${id}` };
    case 'tool_assessment':
      return { surfaces: ['admin'], path: `/proposed-tools/${id}` };
    case 'emergency':
      return { surfaces: ['app'], path: '/emergency' };
    case 'emergency_oversight':
      return { surfaces: ['admin'], path: '/emergency' };
    case 'reviews':
      return { surfaces: ['app'], path: '/reviews' };
    case 'access':
      return { surfaces: ['app', 'admin'], path: `/access/${id}` };
    case 'exceptions':
      return { surfaces: ['admin'], path: '/governance/exceptions' };
    case 'delegations':
      return { surfaces: ['app'], path: '/delegations' };
    case 'checkpoint':
    case 'log':
      return { surfaces: ['admin'], path: '/log' };
  }
}

/** Where an item leads to. Inside Jira the two pages have addresses of Jira's own: there only what this page has can be reached. */
export function targetOf(link: Link, here: SurfaceName, host: Host): string | null {
  const { surfaces, path } = places(link);
  if (surfaces.includes(here)) return `#${path}`;
  return host === 'server' ? `/${surfaces[0]}#${path}` : null;
}
