import SectionMessage from '@atlaskit/section-message';
import { useCommand, useOperation } from '../api/hooks';
import type { GrantView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Agree, TextInput, TextInputLong } from '../shell/fields';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';

const text = t.access;

/** Asks for more days on top of the present end. */
export function ExtendDialog({ grant, isOpen, onClose }: { grant: GrantView; isOpen: boolean; onClose: () => void }) {
  const extend = useCommand('grants.extend');
  const notice = useNotice();
  const query = useOperation('catalog.get', { tool: grant.tool.id }, { skip: !isOpen });
  const tool = query.data?.tool;
  const most = tool?.max_days ?? 1;

  const submit = async ({ days, purpose }: { days: string; purpose: string }) => {
    const { request } = await extend.run({
      grant: grant.id,
      days: Number(days),
      ...(purpose.trim() ? { purpose: purpose.trim() } : {}),
      ...(tool?.usage_policy ? { acknowledged: tool.usage_policy.version } : {}),
    });
    notice(request.state === 'approved' ? text.extendedNow : request.state === 'denied' ? t.requests.sentDenied : text.extensionAsked);
  };
  const check = (value: string | undefined) => {
    const days = Number(value);
    return Number.isInteger(days) && days >= 1 && days <= most ? undefined : t.errors.wholeNumber(1, most);
  };

  return (
    <CommandDialog<{ days: string; purpose: string }>
      isOpen={isOpen}
      title={text.extendTitle(grant.tool.name)}
      submitLabel={text.extendSubmit}
      onSubmit={submit}
      onClose={onClose}
      isIncomplete={!tool}
    >
      <p>{text.extendWhy}</p>
      <p>
        {text.ends}: <When at={grant.ends_at} />
      </p>
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} rows={2} />}
      {tool && (
        <>
          <TextInput
            name="days"
            label={text.extendDays}
            type="number"
            min={1}
            max={most}
            initial={String(tool.default_days)}
            check={check}
            required
          />
          <TextInputLong name="purpose" label={text.extendPurpose} help={text.extendPurposeHelp} />
          {tool.usage_policy && (
            <>
              <SectionMessage title={t.catalog.usagePolicy} headingLevel="h2">
                <p className="c-prose">{tool.usage_policy.text}</p>
              </SectionMessage>
              <Agree
                name="acknowledged"
                label={t.requests.policyAgree(tool.usage_policy.version)}
                complaint={t.requests.policyComplaint}
                required
              />
            </>
          )}
        </>
      )}
    </CommandDialog>
  );
}
