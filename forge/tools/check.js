'use strict';
// Everything that can be said of the app without deploying it. Any finding, also a warning, is a failure.
//   node check.js DECLARATIONS.json FUNCTION_FOLDER MODULE.wasm
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const YAML = require('yaml');

const app = path.resolve(__dirname, '..');
const [declarations, bundle, wasm] = process.argv.slice(2).map((file) => path.resolve(file));
process.chdir(app);

const { ProcessorBuilder, ValidationTypes } = require('@forge/manifest');
const { getClientSideLintersOnly, lint } = require('@forge/lint');
const { findings: ours } = require('./rules');

const DEPRECATED_RUNTIMES = ['nodejs18.x', 'nodejs20.x'];
const silent = Object.fromEntries(['debug', 'trace', 'info', 'warn', 'error', 'emptyLine'].map((level) => [level, () => {}]));

/** Atlassian's validator of manifests. */
async function validated() {
  const found = [];
  for (const type of ['FULL', 'PRODUCT_TRIGGER', 'FORGE_REMOTE_COMPUTE']) {
    const validation = ProcessorBuilder.instance().withValidation(ValidationTypes[type]);
    const { errors = [] } = await validation.withOptions({ deprecatedRuntimes: DEPRECATED_RUNTIMES }).build().process();
    found.push(...errors.map(({ level, line, message }) => `@forge/manifest ${type}: ${level} at line ${line}: ${message}`));
  }
  return found;
}

/** What the engine has against the module: the app lets each function be validated only when it is first called. */
async function compiled() {
  try {
    await WebAssembly.compile(fs.readFileSync(wasm));
    return [];
  } catch (error) {
    return [`the module is not valid: ${error.message}`];
  }
}

/** Atlassian's linters, with descriptions of just those REST calls that the app makes. */
async function linted(manifest) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'clearance-endpoints-'));
  const described = JSON.parse(fs.readFileSync(path.join(__dirname, 'endpoints.json'), 'utf8'));
  const describe = (name, rows = []) => {
    const paths = {};
    for (const { method, path: place, scopes } of rows) {
      paths[place] = { ...paths[place], [method]: { 'x-atlassian-oauth2-scopes': [{ state: 'Current', scopes }] } };
    }
    const file = path.join(folder, `${name}.json`);
    fs.writeFileSync(file, JSON.stringify({ paths }));
    process.env[`LOCAL_${name}_SWAGGER`] = file;
  };
  process.env.USE_LOCAL_SWAGGER = '1';
  describe('JIRA', described.jira);
  describe('JSM', described['service-management']);
  for (const other of ['JSW', 'CONF', 'CONF_V2', 'BB']) describe(other);
  try {
    const files = sources('src');
    const environment = { getDeprecatedRuntimes: async () => DEPRECATED_RUNTIMES };
    const results = await lint(files, manifest, 'production', silent, environment, { linter: { mode: 'client-side' } });
    return results.flatMap(({ file, errors = [], warnings = [] }) =>
      [...errors, ...warnings].map(({ class: level, line, message }) => `@forge/lint ${file}:${line}: ${level ?? ''} ${message}`),
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function sources(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sources(place);
    return place.endsWith('.ts') ? [place] : [];
  });
}

async function main() {
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--noEmit'], { stdio: 'inherit' });
  const manifest = YAML.parse(fs.readFileSync('manifest.yml', 'utf8'));
  const found = [
    ...(await validated()),
    ...(await compiled()),
    ...(await linted(manifest)),
    ...ours({ app, bundle, manifest, declared: JSON.parse(fs.readFileSync(declarations, 'utf8')), sources: sources('src') }),
  ];
  for (const finding of found) console.error(finding);
  if (found.length > 0) throw new Error(`${found.length} findings`);
  console.log('the manifest and the app: no findings');
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
