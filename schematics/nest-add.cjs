// `nest add nestjs-hcp-vault`. The writer is that of `npx nestjs-hcp-vault init`: lib/cli/init.
const { nestAdd } = require('../dist/cjs/nest-add.js');

exports.add = nestAdd(require('../package.json'));
