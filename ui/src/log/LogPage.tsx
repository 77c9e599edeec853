import Button from '@atlaskit/button/new';
import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs';
import { useState } from 'react';
import { ExportDialog } from '../evidence/ExportDialog';
import { Exports } from '../forge/Exports';
import { t } from '../messages';
import { useHashQuery } from '../shell/hash';
import { useHost } from '../shell/host';
import { Page } from '../shell/Page';
import { Checkpoints } from './Checkpoints';
import { Entries } from './Entries';
import { filterOf } from './filter';
import { VerifySection } from './VerifySection';

const text = t.log;

/** The governance log: its entries, its verification, the checkpoints that are published of it, and inside Jira what one exports of it. */
export default function LogPage() {
  const [query] = useHashQuery();
  const [exporting, setExporting] = useState(false);
  const isInJira = useHost() !== 'server';
  const action = <Button onClick={() => setExporting(true)}>{t.evidence.action}</Button>;
  return (
    <Page title={text.title} lead={text.lead} actions={action}>
      <ExportDialog isOpen={exporting} start={filterOf(query)} onClose={() => setExporting(false)} />
      <Tabs id="log">
        <TabList>
          <Tab>{text.entries}</Tab>
          <Tab>{t.checkpoints.title}</Tab>
          {isInJira && <Tab>{t.forge.exports.tab}</Tab>}
        </TabList>
        <TabPanel>
          <div className="c-panel">
            <VerifySection />
            <Entries />
          </div>
        </TabPanel>
        <TabPanel>
          <Checkpoints />
        </TabPanel>
        {isInJira && (
          <TabPanel>
            <Exports />
          </TabPanel>
        )}
      </Tabs>
    </Page>
  );
}
