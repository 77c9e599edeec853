import '@atlaskit/css-reset';
import './shell.css';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from './ErrorBoundary';
import { applyTheme, chosenTheme } from './theme';

/** Puts one node into the page once the theme is known, so that nothing flashes in the wrong colours. */
export async function render(node: ReactNode): Promise<void> {
  await applyTheme(chosenTheme());
  show(node);
}

/** Puts one node into the page. */
export function show(node: ReactNode): void {
  const root = document.getElementById('root');
  if (!root) throw new Error('the page has no #root');
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>{node}</ErrorBoundary>
    </StrictMode>,
  );
}
