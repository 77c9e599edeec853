'use strict';
// Writes the manifest of one deployment: the same with its own app id, and Core's address or no Core at all.
const fs = require('fs');
const path = require('path');
const YAML = require('yaml');

const [target, appId, core] = process.argv.slice(2);
if (!/^ari:cloud:ecosystem::app\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(appId ?? '')) {
  throw new Error(`"${appId}" is not an app id (ari:cloud:ecosystem::app/…)`);
}
const manifest = YAML.parseDocument(fs.readFileSync(path.join(__dirname, '..', 'manifest.yml'), 'utf8'));
manifest.setIn(['app', 'id'], appId);
if (core === 'none') {
  manifest.delete('remotes');
  manifest.deleteIn(['permissions', 'external']);
} else {
  manifest.setIn(['remotes', 0, 'baseUrl'], core);
}
fs.writeFileSync(target, manifest.toString({ lineWidth: 0 }));
