'use strict';
// Writes the module as text that the bundler packs: compressed, because an engine takes longer over text than over decompressing it.
//   node module.js MODULE.wasm MODULE.ts
const fs = require('fs');
const zlib = require('zlib');

const [wasm, text] = process.argv.slice(2);
const { ZSTD_c_compressionLevel: level, ZSTD_c_contentSizeFlag: size } = zlib.constants;
const compressed = zlib.zstdCompressSync(fs.readFileSync(wasm), { params: { [level]: 19, [size]: 1 } });
fs.writeFileSync(text, `// Made by \`cargo xtask forge build\`.\nexport const MODULE = '${compressed.toString('base64')}';\n`);
