import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs';
import { t } from '../messages';
import { Page } from '../shell/Page';
import { Checkpoints } from './Checkpoints';
import { Entries } from './Entries';
import { VerifySection } from './VerifySection';

const text = t.log;

/** The governance log: its entries, its verification, and the checkpoints that are published of it. */
export default function LogPage() {
  return (
    <Page title={text.title} lead={text.lead}>
      <Tabs id="log">
        <TabList>
          <Tab>{text.entries}</Tab>
          <Tab>{t.checkpoints.title}</Tab>
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
      </Tabs>
    </Page>
  );
}
