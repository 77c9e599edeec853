import { useLocation } from 'wouter';
import { t } from '../messages';
import { useSession } from './session';

export interface NavigationItem {
  path: string;
  label: string;
  /** Shown only when the server says so; absent means always. */
  needs?: (may: Record<string, boolean>) => boolean;
}

export function Navigation({ surface, items }: { surface: 'app' | 'admin'; items: readonly NavigationItem[] }) {
  const [location] = useLocation();
  const { may } = useSession();
  return (
    <nav className="c-nav" aria-label={surface === 'admin' ? t.shell.adminNavigation : t.shell.appNavigation}>
      <ul>
        {items
          .filter((item) => item.needs?.(may) ?? true)
          .map((item) => {
            const here = location === item.path || location.startsWith(`${item.path}/`);
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
