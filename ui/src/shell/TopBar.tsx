import DropdownMenu, { DropdownItem, DropdownItemGroup, DropdownItemRadio, DropdownItemRadioGroup } from '@atlaskit/dropdown-menu';
import { useState } from 'react';
import { signOut } from '../api/session';
import { t } from '../messages';
import logo from './favicon.svg';
import { useSession, useSurface } from './session';
import { chooseTheme, chosenTheme, type ThemeMode, themeModes } from './theme';

export function TopBar() {
  const surface = useSurface();
  const { person, may } = useSession();
  return (
    <header className="c-top">
      <a className="c-brand" href="#/">
        <img src={logo} alt="" width={24} height={24} />
        <span>{surface === 'admin' ? t.shell.adminName : t.product}</span>
      </a>
      <div className="c-actions">
        {surface === 'admin' ? <a href="/app">{t.shell.toApp}</a> : may.administer && <a href="/admin">{t.shell.toAdmin}</a>}
        <ThemeMenu />
        <DropdownMenu trigger={person.name} shouldRenderToParent placement="bottom-end">
          <DropdownItemGroup title={person.email}>
            <DropdownItem href="/app#/tokens">{t.shell.tokens}</DropdownItem>
            <DropdownItem onClick={leave}>{t.shell.signOut}</DropdownItem>
          </DropdownItemGroup>
        </DropdownMenu>
      </div>
    </header>
  );
}

function ThemeMenu() {
  const [mode, setMode] = useState<ThemeMode>(chosenTheme);
  const choose = (next: ThemeMode) => {
    setMode(next);
    void chooseTheme(next);
  };
  return (
    <DropdownMenu trigger={t.shell.theme} shouldRenderToParent placement="bottom-end">
      <DropdownItemRadioGroup id="theme" title={t.shell.themeTitle}>
        {themeModes.map((each) => (
          <DropdownItemRadio key={each} id={each} isSelected={each === mode} onClick={() => choose(each)}>
            {t.shell.themes[each]}
          </DropdownItemRadio>
        ))}
      </DropdownItemRadioGroup>
    </DropdownMenu>
  );
}

/** Leaves even when the server cannot be reached: the sign-in page then says so. */
async function leave(): Promise<void> {
  try {
    await signOut();
  } finally {
    location.assign('/sign-in');
  }
}
