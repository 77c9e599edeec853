import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { Component, type ReactNode } from 'react';
import { t } from '../messages';

/**
 * Whatever fails while drawing is told in words, instead of leaving an empty page; so does a page that cannot be loaded because the
 * server has a newer build.
 */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <EmptyState
        header={t.errors.title}
        headingLevel={1}
        description={t.errors.unexpected}
        primaryAction={
          <Button appearance="primary" onClick={() => location.reload()}>
            {t.shell.reload}
          </Button>
        }
      />
    );
  }
}
