import Button from '@atlaskit/button/new';
import type { CertificateView, ConnectorView } from '../api/types';
import { t } from '../messages';
import { CopyBlock, CopyField } from '../shell/Copy';
import { downloadText } from '../shell/download';
import { Facts } from '../shell/Page';
import { When } from '../shell/When';
import type { ReactNode } from 'react';

const text = t.connectors;

/** What has to be done at the provider, as numbered steps. */
export function AtProvider({ connector }: { connector: ConnectorView }) {
  const steps = {
    key_pair: text.pasteOkta,
    api_token: text.pasteOktaToken,
    certificate: text.pasteEntra,
    client_secret: text.pasteEntraSecret,
  }[connector.provider.credential.kind];
  if (steps.length === 1) return <p className="c-prose">{steps[0]}</p>;
  return (
    <ol className="c-how">
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
}

/** The public half of the credential: the one in use, and beside it the one that is to follow. */
export function PublicHalf({ connector }: { connector: ConnectorView }) {
  const { credential } = connector.provider;
  switch (credential.kind) {
    case 'key_pair':
      return (
        <Pair
          present={<PublicKey label={text.publicKey} value={credential.public_key} />}
          next={credential.next_public_key ? <PublicKey label={text.new} value={credential.next_public_key} /> : null}
          help={text.publicKeyHelp}
        />
      );
    case 'certificate':
      return (
        <Pair
          present={<Certificate label={text.certificate} certificate={credential.certificate} file={connector.id} />}
          next={
            credential.next_certificate ? (
              <Certificate label={text.new} certificate={credential.next_certificate} file={`${connector.id}-new`} />
            ) : null
          }
          help={text.certificateHelp}
        />
      );
    case 'api_token':
      return <Facts rows={[[text.secretSet, credential.secret_set ? text.secretIsSet : text.secretIsMissing]]} />;
    case 'client_secret':
      return (
        <Facts
          rows={[
            [text.secretSet, credential.secret_set ? text.secretIsSet : text.secretIsMissing],
            [text.secretLapses, credential.lapses_at ? <When at={credential.lapses_at} relative /> : null],
          ]}
        />
      );
  }
}

function Pair({ present, next, help }: { present: ReactNode; next: ReactNode | null; help: string }) {
  if (!next) {
    return (
      <>
        <p className="c-subtle">{help}</p>
        {present}
      </>
    );
  }
  return (
    <>
      <h3 className="c-small-heading">{text.new}</h3>
      <p className="c-subtle">{text.newHint}</p>
      {next}
      <h3 className="c-small-heading">{text.old}</h3>
      {present}
    </>
  );
}

function PublicKey({ label, value }: { label: string; value: unknown }) {
  return <CopyBlock label={label} value={JSON.stringify(value, null, 2)} rows={8} />;
}

function Certificate({ label, certificate, file }: { label: string; certificate: CertificateView; file: string }) {
  return (
    <>
      <CopyBlock label={label} value={certificate.pem} rows={8}>
        <Button onClick={() => downloadText(`${file}.pem`, certificate.pem)}>{text.certificateFile}</Button>
      </CopyBlock>
      <div className="c-or">
        <Facts rows={[[text.certificateEnds, <When at={certificate.ends_at} relative />]]} />
        <p className="c-below">{text.thumbprint}</p>
        <CopyField label={text.thumbprint} value={certificate.thumbprint_sha1} />
      </div>
    </>
  );
}
