import Heading from '@atlaskit/heading';
import { type ReactNode, useEffect } from 'react';
import { t } from '../messages';
import logo from '../shell/favicon.svg';

/** The one box on the pages before sign-in. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title]);
  return (
    <main className="c-alone">
      <div className="c-sign-in">
        <div className="c-brand">
          <img src={logo} alt="" width={24} height={24} />
          <span>{t.product}</span>
        </div>
        <Heading size="medium" as="h1">
          {title}
        </Heading>
        {children}
      </div>
    </main>
  );
}
