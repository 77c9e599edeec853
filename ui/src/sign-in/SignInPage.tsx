import Button, { LinkButton } from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import { useEffect, useState } from 'react';
import { getSession, providerSignIn, safeReturnTo, signIn } from '../api/session';
import { t } from '../messages';
import { TextInput } from '../shell/fields';
import { Problem } from '../shell/problems';
import { Card } from './Card';

/** E-mail and password, or the provider when the server has one. */
export function SignInPage() {
  const returnTo = safeReturnTo(new URLSearchParams(location.search).get('return_to'));
  const [provider, setProvider] = useState<{ name: string } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    getSession().then((answer) => (answer.signedIn ? location.replace(returnTo) : setProvider(answer.oidc)), setError);
  }, [returnTo]);

  const submit = async ({ email, password }: { email: string; password: string }) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(email.trim(), password);
      location.assign(returnTo);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };

  return (
    <Card title={t.signIn.title}>
      {error !== null && <Problem error={error} />}
      <Form<{ email: string; password: string }> onSubmit={submit}>
        {({ formProps }) => (
          <form {...formProps} noValidate>
            <TextInput name="email" label={t.signIn.email} type="email" autoComplete="username" required />
            <TextInput name="password" label={t.signIn.password} type="password" autoComplete="current-password" required />
            <p className="c-or">
              <Button appearance="primary" type="submit" isLoading={busy} shouldFitContainer>
                {t.signIn.submit}
              </Button>
            </p>
          </form>
        )}
      </Form>
      {provider && (
        <p className="c-or">
          <LinkButton href={providerSignIn(returnTo)} shouldFitContainer>
            {t.signIn.withProvider(provider.name)}
          </LinkButton>
        </p>
      )}
      <p className="c-or c-subtle">{t.signIn.noAccount}</p>
    </Card>
  );
}
