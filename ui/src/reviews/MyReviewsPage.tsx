import { t } from '../messages';
import { Page } from '../shell/Page';
import { Reviews } from './Reviews';

/** The reviews that this person can decide. */
export default function MyReviewsPage() {
  return (
    <Page title={t.reviews.title} lead={t.reviews.lead}>
      <Reviews asked={{ mine: true }} />
    </Page>
  );
}
