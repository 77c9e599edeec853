import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs';
import { t } from '../messages';
import { Page } from '../shell/Page';
import { Groups } from './Groups';
import { People } from './People';

/** People and groups, side by side. */
export default function PeoplePage() {
  return (
    <Page title={t.people.title} lead={t.people.lead}>
      <Tabs id="people">
        <TabList>
          <Tab>{t.people.people}</Tab>
          <Tab>{t.people.groups}</Tab>
        </TabList>
        <TabPanel>
          <People />
        </TabPanel>
        <TabPanel>
          <Groups />
        </TabPanel>
      </Tabs>
    </Page>
  );
}
