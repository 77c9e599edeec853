import Button from '@atlaskit/button/new';
import Heading from '@atlaskit/heading';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { t } from '../messages';
import { Page } from '../shell/Page';
import { ConnectorForm, providerOptions } from './ConnectorForm';
import type { ProviderKind } from './connectorForm';
import { Steps } from './Steps';

const text = t.connectors;

/** The first two steps of setting up a connector: which provider, then tenant and credential. */
export default function ConnectorNewPage() {
  const [kind, setKind] = useState<ProviderKind | null>(null);
  const [, navigate] = useLocation();
  return (
    <Page title={text.newTitle} lead={kind ? null : text.newLead} back={{ href: '#/connectors', label: text.title }}>
      <Steps now={kind ? 'tenant' : 'provider'} />
      {kind === null ? (
        <ul className="c-cards" aria-label={text.chooseProvider}>
          {providerOptions.map(({ value, label }) => (
            <li key={value} className="c-card">
              <Heading size="small" as="h2">
                {label}
              </Heading>
              <p>{text.providerHelp[value]}</p>
              <div className="c-actions">
                <Button appearance="primary" onClick={() => setKind(value)}>
                  {text.choose(label)}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <p className="c-banner">
            <Button spacing="compact" onClick={() => setKind(null)}>
              {text.otherProvider}
            </Button>
          </p>
          <Heading size="medium" as="h2">
            {text.tenantTitle(text.providers[kind])}
          </Heading>
          <ConnectorForm
            key={kind}
            kind={kind}
            existing={null}
            onSaved={({ id }) => navigate(`/connectors/${id}/set-up`)}
            cancel={{ href: '#/connectors' }}
          />
        </>
      )}
    </Page>
  );
}
