import { setGlobalTheme } from '@atlaskit/tokens/set-global-theme';

/** `auto` follows the operating system. */
export type ThemeMode = 'auto' | 'light' | 'dark';
export const themeModes: readonly ThemeMode[] = ['auto', 'light', 'dark'];

const storageKey = 'clearance.theme';

/** The mode this browser last chose; storage may be closed to us inside a frame. */
export function chosenTheme(): ThemeMode {
  try {
    const stored = localStorage.getItem(storageKey);
    return themeModes.find((mode) => mode === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}

export async function applyTheme(mode: ThemeMode): Promise<void> {
  await setGlobalTheme({ colorMode: mode, light: 'light', dark: 'dark', spacing: 'spacing', typography: 'typography', shape: 'shape' });
}

export async function chooseTheme(mode: ThemeMode): Promise<void> {
  try {
    localStorage.setItem(storageKey, mode);
  } catch {
    // The choice then lasts for this page only.
  }
  await applyTheme(mode);
}
