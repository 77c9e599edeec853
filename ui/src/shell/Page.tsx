import Heading from '@atlaskit/heading';
import { type ReactNode, useEffect, useRef } from 'react';
import { t } from '../messages';

interface PageProps {
  title: string;
  /** One sentence under the heading. */
  lead?: ReactNode;
  /** Buttons beside the heading. */
  actions?: ReactNode;
  /** A link back to the list this page was opened from. */
  back?: { href: string; label: string };
  children: ReactNode;
}

let pagesShown = 0;

/**
 * A page of its own: document title, the one `h1`, and, when the person came here by a link, focus on that heading, so that
 * a screen reader says where they are.
 */
export function Page({ title, lead, actions, back, children }: PageProps) {
  const heading = useRef<HTMLDivElement>(null);

  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title]);

  useEffect(() => {
    pagesShown += 1;
    if (pagesShown > 1) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }, []);

  return (
    <div className="c-page">
      {back && (
        <a className="c-back" href={back.href}>
          ← {back.label}
        </a>
      )}
      <div className="c-page-head">
        <div>
          <div ref={heading} tabIndex={-1} className="c-heading-focus">
            <Heading size="large" as="h1">
              {title}
            </Heading>
          </div>
          {lead && <p className="c-lead">{lead}</p>}
        </div>
        {actions && <div className="c-actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

/** A titled part of a page, a landmark of its own. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="c-section" aria-label={title}>
      <div className="c-page-head">
        <Heading size="small" as="h2">
          {title}
        </Heading>
        {actions && <div className="c-actions">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** Facts as terms and descriptions. Rows whose value is null are left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="c-facts">
      {rows
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
