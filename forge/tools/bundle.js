'use strict';
// Builds the function bundle with the platform's own bundler, as `forge deploy` would, into the folder given. The runtime's wrapper, which
// is not published, is replaced by our stand-in; nothing else differs.
const fs = require('fs');
const path = require('path');

const app = path.resolve(__dirname, '..');
const target = path.resolve(process.argv[2] ?? '');
process.env.FORGE_RUNTIME_PATH = path.join(__dirname, 'runtime');
process.chdir(app);

const { getEntryPoints, getNodeBundler, getWrapperProvider } = require('@forge/bundler');
const { ConfigFile, FileSystemReader, FileSystemWriter } = require('@forge/cli-shared');

const logger = {
  ...Object.fromEntries(['debug', 'trace', 'emptyLine'].map((level) => [level, () => {}])),
  ...Object.fromEntries(['info', 'warn', 'error'].map((level) => [level, (text) => process.stderr.write(`${level}: ${text}\n`)])),
};

async function main() {
  if (!process.argv[2]) throw new Error('usage: node bundle.js FOLDER');
  const fileSystemReader = new FileSystemReader();
  const configFile = new ConfigFile(fileSystemReader, new FileSystemWriter());
  const bundler = getNodeBundler(logger, getWrapperProvider({ fileSystemReader }), configFile);
  const entryPoints = getEntryPoints(await configFile.getAppHandlers());
  const { outputDir, additionalOutputs } = await bundler.bundle({ appDirectory: app, entryPoints });
  fs.rmSync(target, { recursive: true, force: true });
  // The map repeats the module, and nobody reads it here.
  fs.cpSync(outputDir, target, { recursive: true, filter: (file) => !file.endsWith('.map') });
  for (const [name, content] of additionalOutputs ?? []) fs.writeFileSync(path.join(target, name), content);
}

main().catch((error) => {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exit(1);
});
