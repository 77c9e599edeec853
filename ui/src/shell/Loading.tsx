import Skeleton from '@atlaskit/skeleton';
import VisuallyHidden from '@atlaskit/visually-hidden';

/** Grey lines where rows will be. The label is what a screen reader hears meanwhile. */
export function LoadingRows({ label, rows = 5 }: { label: string; rows?: number }) {
  return (
    <div className="c-loading" role="status">
      <VisuallyHidden>{label}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} width="100%" height="32px" borderRadius="var(--ds-radius-small)" isShimmering />
      ))}
    </div>
  );
}
