module.exports = require("./__forge_wrapper__.cjs");
