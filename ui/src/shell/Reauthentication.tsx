import { LinkButton } from '@atlaskit/button/new';
import { useEffect, useRef, useState } from 'react';
import { onSignInRequired } from '../api/invoke';
import { providerSignIn, signIn } from '../api/session';
import { t } from '../messages';
import { CommandDialog } from './CommandDialog';
import { TextInput } from './fields';
import { useSession } from './session';

/**
 * Some operations need a sign-in within the last ten minutes. When one says so this dialog asks for the password; the operation
 * then runs again by itself. Signing in with the provider leaves the page, so what was being typed is lost, and the dialog says so.
 */
export function Reauthentication() {
  const { person, oidc } = useSession();
  const [open, setOpen] = useState(false);
  const settle = useRef<(done: boolean) => void>(() => undefined);

  useEffect(() => {
    onSignInRequired(
      () =>
        new Promise<boolean>((resolve) => {
          settle.current = resolve;
          setOpen(true);
        }),
    );
    return () => onSignInRequired(() => Promise.resolve(false));
  }, []);

  const finish = (done: boolean) => {
    setOpen(false);
    settle.current(done);
  };

  return (
    <CommandDialog<{ password: string }>
      isOpen={open}
      title={t.shell.signInAgain}
      submitLabel={t.shell.confirm}
      onSubmit={async ({ password }) => {
        await signIn(person.email, password);
        settle.current(true);
      }}
      onClose={() => finish(false)}
    >
      <p>{t.shell.signInAgainWhy}</p>
      <TextInput name="password" label={t.signIn.password} type="password" autoComplete="current-password" required />
      {oidc && (
        <p className="c-or">
          <LinkButton href={providerSignIn(location.pathname + location.hash)}>{t.signIn.withProvider(oidc.name)}</LinkButton>{' '}
          <span className="c-subtle">{t.shell.leavesPage}</span>
        </p>
      )}
    </CommandDialog>
  );
}
