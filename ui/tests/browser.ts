/**
 * A headless Chromium for the browser tests, taken from the npm package `@sparticuz/chromium`: nothing is downloaded and
 * nothing has to be installed on the machine. The package packs the browser, its fonts and the shared libraries that a bare
 * Debian lacks (NSS, NSPR and friends); they are unpacked once into `node_modules/.cache` and reused.
 *
 * Versions: `@sparticuz/chromium` 143 is the last line that runs on Node 20; newer ones need Node 22.17.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const uiFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** What {@link openPage} hands out: a page in its own browser, and the one call that ends both. */
export interface OpenPage {
  page: Page;
  browser: Browser;
  close(): Promise<void>;
}

/**
 * Starts Chromium. Runs as root too: the sandbox is off, for tests open only our own loopback servers.
 * The packed browser is for Linux on x86-64; on another machine `CLEARANCE_CHROMIUM` names an installed Chromium or Chrome.
 */
export async function launchBrowser(): Promise<Browser> {
  const installed = process.env.CLEARANCE_CHROMIUM;
  if (installed) return chromium.launch({ executablePath: installed, headless: true, args: ['--no-sandbox'] });
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('the packed Chromium runs on Linux x86-64 only; set CLEARANCE_CHROMIUM to the path of an installed Chromium or Chrome');
  }
  const home = await unpackedChromium();
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'],
    env: {
      ...process.env,
      HOME: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      FONTCONFIG_PATH: join(home, 'fonts'),
      LD_LIBRARY_PATH: [join(home, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    },
  });
}

/** Starts Chromium and opens one page; `options` go to the browser context (colour scheme, time zone, size, …). */
export async function openPage(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  return { page, browser, close: () => browser.close() };
}

/**
 * The folder that holds the unpacked browser. Unpacking goes to a folder of its own that is renamed into place when complete,
 * so a half-unpacked browser is never used and parallel test processes do not disturb each other.
 */
async function unpackedChromium(): Promise<string> {
  const manifest = join(uiFolder, 'node_modules', '@sparticuz', 'chromium', 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const cache = join(uiFolder, 'node_modules', '.cache', 'chromium');
  const home = join(cache, version);
  if (existsSync(home)) return home;

  const unfinished = join(cache, `${version}.${process.pid}`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  // The package unpacks below the temporary folder, and its shared libraries only where it believes to run on Amazon Linux 2023.
  const borrowed = { TMPDIR: unfinished, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' };
  const before = { ...process.env };
  Object.assign(process.env, borrowed);
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
  writeFileSync(join(unfinished, 'fonts', 'fonts.conf'), fontConfiguration);
  try {
    renameSync(unfinished, home);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(home)) throw error; // somebody else finished first
  }
  return home;
}

/** The package's own file names the folders of the cloud it was made for. The packed Open Sans goes first: pictures look alike everywhere. */
const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="strong"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;
