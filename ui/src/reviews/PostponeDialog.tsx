import { useCommand } from '../api/hooks';
import type { ReviewView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { TextInput, TextInputLong } from '../shell/fields';
import { useNotice } from '../shell/notice';

const text = t.reviews;

/** Puts a review off, within the bounds of the settings. */
export function PostponeDialog({ review, onClose }: { review: ReviewView; onClose: () => void }) {
  const postpone = useCommand('reviews.postpone');
  const notice = useNotice();
  return (
    <CommandDialog<{ reason: string; days?: string }>
      isOpen
      title={text.postponeTitle}
      submitLabel={text.postpone}
      onSubmit={async ({ reason, days }) => {
        await postpone.run({ review: review.id, reason: reason.trim(), ...(days ? { days: Number(days) } : {}) });
        notice(text.postponed);
      }}
      onClose={onClose}
    >
      <p>
        <strong>
          {review.person.name}, {review.tool.name}
        </strong>
      </p>
      <p>{text.postponeWhy(review.postponements_left)}</p>
      <TextInputLong name="reason" label={text.postponeReason} rows={2} required />
      <TextInput name="days" label={text.postponeDays} type="number" min={1} max={30} />
    </CommandDialog>
  );
}
