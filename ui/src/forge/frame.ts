/** What a page needs to live in a frame of Jira's: its colours, its address, and links that lead out of it. */
import { setGlobalTheme } from '@atlaskit/tokens/set-global-theme';
import { bridge } from './bridge';

/** Takes Jira's theme, now and when it changes. Jira marks the page; the tokens are our own, so that no other host is asked for them. */
export async function followTheme(): Promise<void> {
  const { view } = await bridge();
  await view.theme.enable();
  const root = document.documentElement;
  let shown = '';
  const apply = async () => {
    const colorMode = root.dataset.colorMode === 'dark' ? 'dark' : 'light';
    if (shown === colorMode) return;
    shown = colorMode;
    await setGlobalTheme({ colorMode, light: 'light', dark: 'dark', spacing: 'spacing', typography: 'typography', shape: 'shape' });
  };
  await apply();
  new MutationObserver(() => void apply()).observe(root, { attributeFilter: ['data-color-mode'] });
}

/**
 * Keeps the place behind `#` and the path in Jira's address the same, so that a reload, a link and the browser's own buttons work. Modules
 * that are no page of their own have no address; there the place lives in the frame alone.
 */
export async function followAddress(): Promise<void> {
  const { view } = await bridge();
  const history = await view.createHistory().catch(() => null);
  if (!history) return;
  const here = () => location.hash.replace(/^#/, '') || '/';
  const there = () => history.location.pathname + history.location.search;
  if (there() !== '/' && here() === '/') location.replace(`#${there()}`);
  window.addEventListener('hashchange', () => {
    if (here() !== there()) history.push(here());
  });
  history.listen(() => {
    if (here() !== there()) location.hash = `#${there()}`;
  });
}

/** Addresses of other sites open in a tab that Jira opens: the frame must not. */
export function leaveByJira(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || !/^https?:$/.test(link.protocol)) return;
    if (link.origin === location.origin || link.hasAttribute('download')) return;
    event.preventDefault();
    void bridge().then(({ router }) => router.open(link.href));
  });
}
