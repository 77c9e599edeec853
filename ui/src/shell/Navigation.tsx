import VisuallyHidden from '@atlaskit/visually-hidden';
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
  /** A hook that says how much waits there; absent means that nothing is counted. */
  useCount?: () => NavigationCount | null;
}

/** A number beside an item. */
export interface NavigationCount {
  shown: string;
  /** The number with what it is of. */
  inWords: string;
}

export function Navigation({ items }: { items: readonly NavigationItem[] }) {
  const surface = useSurface();
  return (
    <nav className="c-nav" aria-label={surface === 'admin' ? t.shell.adminNavigation : t.shell.appNavigation}>
      <ul>
        {items.map((item) => (
          <Entry key={item.path} item={item} useShown={item.useShown ?? always} useCount={item.useCount ?? nothing} />
        ))}
      </ul>
    </nav>
  );
}

const always = () => true;
const nothing = () => null;

interface EntryProps {
  item: NavigationItem;
  useShown: () => boolean;
  useCount: () => NavigationCount | null;
}

function Entry({ item, useShown, useCount }: EntryProps) {
  const [location] = useLocation();
  const here = location === item.path || [`${item.path}/`, ...(item.also ?? [])].some((start) => location.startsWith(start));
  const shown = useShown();
  const count = useCount();
  if (!shown && !here) return null;
  return (
    <li>
      <a href={`#${item.path}`} aria-current={here ? 'page' : undefined}>
        {item.label}
        {count && (
          <>
            <span className="c-count" aria-hidden="true">
              {count.shown}
            </span>
            <VisuallyHidden>, {count.inWords}</VisuallyHidden>
          </>
        )}
      </a>
    </li>
  );
}
