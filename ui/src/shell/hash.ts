import { useCallback } from 'react';
import { navigate, useHashLocation } from 'wouter/use-hash-location';

const split = (location: string): [string, string] => {
  const mark = location.indexOf('?');
  return mark < 0 ? [location, ''] : [location.slice(0, mark), location.slice(mark + 1)];
};

/** The place behind `#`, without what follows a `?`: what the router looks at. */
export const useHashPath = Object.assign(
  (): [string, typeof navigate] => {
    const [location] = useHashLocation();
    return [split(location)[0], navigate];
  },
  { hrefs: (href: string) => `#${href}` },
);

/** What a page keeps in its address behind `?`, so that it can be linked to and survives a reload. */
export function useHashQuery(): [URLSearchParams, (next: URLSearchParams) => void] {
  const [location] = useHashLocation();
  const [path, query] = split(location);
  const set = useCallback(
    (next: URLSearchParams) => {
      const oldURL = window.location.href;
      const text = next.toString();
      history.replaceState(history.state, '', `#${path}${text && `?${text}`}`);
      window.dispatchEvent(new HashChangeEvent('hashchange', { oldURL, newURL: window.location.href }));
    },
    [path],
  );
  return [new URLSearchParams(query), set];
}
