import { type ReactNode } from 'react';
import type { Session } from '../api/session';
import { chooseTransport } from '../api/transport';
import { t } from '../messages';
import { Alone } from '../shell/Alone';
import { Frame, type Surface } from '../shell/Frame';
import { Panel } from '../shell/Panel';
import { describeError } from '../shell/problems';
import { show } from '../shell/render';
import type { Role } from '../api/types';
import { inForge, type Place, place } from './bridge';
import { followAddress, followTheme, leaveByJira } from './frame';
import { bridgeTransport } from './transport';

/** Shows a surface with pages of its own inside Jira. */
export function startInForge(surface: Surface): Promise<void> {
  return start(async (where) => {
    await followAddress();
    return <Frame surface={surface} session={sessionOf(where, surface.name === 'admin' ? 'administrator' : 'member')} host="forge" />;
  });
}

/** Shows one panel or small page inside Jira: which, the module says. */
export function startPanels(panels: Record<string, (where: Place) => ReactNode>): Promise<void> {
  return start(async (where) => {
    const node = panels[where.moduleKey]?.(where);
    if (!node) return <Alone title={t.forge.unknownModule} hint={t.forge.unknownModuleHint} />;
    return <Panel session={sessionOf(where, 'member')}>{node}</Panel>;
  });
}

async function start(node: (where: Place) => Promise<ReactNode>): Promise<void> {
  if (!inForge()) {
    show(<Alone title={t.forge.onlyInJira} hint={t.forge.onlyInJiraHint} />);
    return;
  }
  chooseTransport(bridgeTransport);
  leaveByJira();
  try {
    await followTheme();
    show(await node(await place()));
  } catch (error) {
    show(<Alone title={t.shell.cannotStart} hint={describeError(error)} />);
  }
}

/**
 * Who looks, as far as the platform says. The role decides only what is offered: the app's function asks Jira anew at each call whether
 * somebody administers.
 */
function sessionOf(where: Place, role: Role): Session {
  const person = { id: '', name: '', email: '', role };
  return { person, time_zone: where.timezone ?? null, oidc: null, may: {} };
}
