import Button from '@atlaskit/button/new';
import { type ReactNode, useState } from 'react';
import { useCommand } from '../api/hooks';
import type { Input } from '../api/operations';
import { t } from '../messages';
import { downloadText } from '../shell/download';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';

const text = t.insights;
type Asked = Input<'insights.export'>;

/** A part of the page with its table as a file. */
export function Titled({ title, file, children }: { title: string; file: Asked; children: ReactNode }) {
  const command = useCommand('insights.export');
  const [error, setError] = useState<unknown>(null);
  const download = async () => {
    setError(null);
    try {
      const { name, csv } = await command.run(file);
      downloadText(name, csv);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Section
      title={title}
      actions={
        <Button spacing="compact" aria-label={text.downloadOf(title)} isLoading={command.busy} onClick={() => void download()}>
          {text.download}
        </Button>
      }
    >
      {error !== null && <Problem error={error} />}
      {children}
    </Section>
  );
}
