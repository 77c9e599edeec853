import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import SectionMessage from '@atlaskit/section-message';
import { useEffect, useState } from 'react';
import { setUp } from '../api/session';
import { t } from '../messages';
import { TextInput } from '../shell/fields';
import { fieldProblem, Problem } from '../shell/problems';
import { Card } from './Card';

const shortestPassword = 12;

/** The page behind a one-time link: choose a password. */
export function SetUpPage({ token }: { token: string | null }) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  // The one-time code leaves the address bar and the history at once.
  useEffect(() => history.replaceState(null, '', location.pathname), []);

  const submit = async ({ password, again }: { password: string; again: string }) => {
    if (password !== again) return { again: t.signIn.passwordsDiffer };
    setBusy(true);
    setError(null);
    try {
      await setUp(token ?? '', password);
      location.assign('/app');
      return undefined;
    } catch (problem) {
      setBusy(false);
      const beside = fieldProblem(problem, { password });
      if (!beside) setError(problem);
      return beside;
    }
  };

  if (!token) {
    return (
      <Card title={t.signIn.setUpTitle}>
        <SectionMessage appearance="warning">
          <p>{t.signIn.setUpMissing}</p>
        </SectionMessage>
      </Card>
    );
  }
  return (
    <Card title={t.signIn.setUpTitle}>
      <p>{t.signIn.setUpLead}</p>
      {error !== null && <Problem error={error} />}
      <Form<{ password: string; again: string }> onSubmit={submit}>
        {({ formProps }) => (
          <form {...formProps} noValidate>
            <TextInput
              name="password"
              label={t.signIn.newPassword}
              help={t.signIn.newPasswordHelp}
              type="password"
              autoComplete="new-password"
              required
              check={(value) => ([...(value ?? '')].length < shortestPassword ? t.signIn.passwordTooShort : undefined)}
            />
            <TextInput name="again" label={t.signIn.repeatPassword} type="password" autoComplete="new-password" required />
            <p className="c-or">
              <Button appearance="primary" type="submit" isLoading={busy} shouldFitContainer>
                {t.signIn.setUpSubmit}
              </Button>
            </p>
          </form>
        )}
      </Form>
    </Card>
  );
}
