import VisuallyHidden from '@atlaskit/visually-hidden';

/** The heading of a panel, for screen readers: Jira shows the panel's name above the frame. */
export function PanelTitle({ children }: { children: string }) {
  return (
    <VisuallyHidden>
      <h1>{children}</h1>
    </VisuallyHidden>
  );
}
