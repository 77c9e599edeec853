import { useLocation } from 'wouter';
import { t } from '../messages';
import { useSession } from './session';

export interface NavigationItem {
  path: string;
  label: string;
  /** Other pages that belong to this item. */
  also?: readonly string[];
  /** Shown only when the server says that the person may do this; absent means always. */
  needs?: string;
}

export function Navigation({ surface, items }: { surface: 'app' | 'admin'; items: readonly NavigationItem[] }) {
  const [location] = useLocation();
  const { may } = useSession();
  return (
    <nav className="c-nav" aria-label={surface === 'admin' ? t.shell.adminNavigation : t.shell.appNavigation}>
      <ul>
        {items
          .filter((item) => !item.needs || may[item.needs])
          .map((item) => {
            const here = location === item.path || [`${item.path}/`, ...(item.also ?? [])].some((start) => location.startsWith(start));
            return (
              <li key={item.path}>
                <a href={`#${item.path}`} aria-current={here ? 'page' : undefined}>
                  {item.label}
                </a>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}
