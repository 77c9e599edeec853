import { useLocation } from 'wouter';
import { t } from '../messages';
import { useSurface } from './session';

export interface NavigationItem {
  path: string;
  label: string;
  /** Other pages that belong to this item. */
  also?: readonly string[];
  /** A hook that says whether the person has use for it; absent means always. The page itself can be reached in any case. */
  useShown?: () => boolean;
}

export function Navigation({ items }: { items: readonly NavigationItem[] }) {
  const surface = useSurface();
  return (
    <nav className="c-nav" aria-label={surface === 'admin' ? t.shell.adminNavigation : t.shell.appNavigation}>
      <ul>
        {items.map((item) => (
          <Entry key={item.path} item={item} useShown={item.useShown ?? always} />
        ))}
      </ul>
    </nav>
  );
}

const always = () => true;

function Entry({ item, useShown }: { item: NavigationItem; useShown: () => boolean }) {
  const [location] = useLocation();
  const here = location === item.path || [`${item.path}/`, ...(item.also ?? [])].some((start) => location.startsWith(start));
  const shown = useShown();
  if (!shown && !here) return null;
  return (
    <li>
      <a href={`#${item.path}`} aria-current={here ? 'page' : undefined}>
        {item.label}
      </a>
    </li>
  );
}
