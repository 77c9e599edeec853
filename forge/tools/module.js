'use strict';
// Writes the module as text that the bundler packs: compressed, because an engine takes longer over text than over decompressing it.
//   node module.js MODULE.wasm MODULE.ts
const fs = require('fs');
const zlib = require('zlib');

const [wasm, text] = process.argv.slice(2);
const bytes = fs.readFileSync(wasm);
const compressed = zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 19 } });
const lines = ['// Made by `cargo xtask forge build`.', `export const MODULE = '${compressed.toString('base64')}';`, `export const LENGTH = ${bytes.length};`];
fs.writeFileSync(text, `${lines.join('\n')}\n`);
