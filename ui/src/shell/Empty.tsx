import { LinkButton } from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import type { ReactNode } from 'react';

interface EmptyProps {
  title: string;
  /** What to do next. */
  hint: string;
  link?: { href: string; label: string };
  action?: ReactNode;
}

/** Nothing here, and what to do about it. */
export function Empty({ title, hint, link, action }: EmptyProps) {
  return (
    <EmptyState
      header={title}
      headingLevel={2}
      headingSize="xsmall"
      description={hint}
      primaryAction={
        action ??
        (link ? (
          <LinkButton appearance="primary" href={link.href}>
            {link.label}
          </LinkButton>
        ) : undefined)
      }
    />
  );
}
