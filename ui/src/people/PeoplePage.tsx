import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs';
import { t } from '../messages';
import { Proposals } from '../proposals/Proposals';
import { Page } from '../shell/Page';
import { Groups } from './Groups';
import { People } from './People';

/** People and groups, side by side. */
export default function PeoplePage() {
  return (
    <Page title={t.people.title} lead={t.people.lead}>
      <Proposals kinds={['change_person']} />
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
