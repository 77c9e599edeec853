import SectionMessage from '@atlaskit/section-message';
import type { PreviewAnswer } from '../api/types';
import { t } from '../messages';

const text = t.requests;

/** What policy would do with a request that is being filled in. */
export function PreviewedOutcome({ preview }: { preview: PreviewAnswer }) {
  switch (preview.outcome) {
    case 'auto_approved':
      return (
        <SectionMessage appearance="success">
          <p>{text.previewAuto}</p>
        </SectionMessage>
      );
    case 'denied':
      return (
        <SectionMessage appearance="warning">
          <p>
            {text.previewDenied} {preview.reasons.join(' ')}
          </p>
        </SectionMessage>
      );
    case 'stages':
      return (
        <SectionMessage appearance="information">
          <p>{text.previewStages}</p>
          <ol>
            {preview.stages.map((stage, place) => (
              <li key={place}>
                {stage.name}: {t.common.either(stage.approvers)}
              </li>
            ))}
          </ol>
        </SectionMessage>
      );
  }
}
