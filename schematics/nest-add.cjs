// `nest add nestjs-hcp-vault`. The writer is that of `npx nestjs-hcp-vault init`: lib/cli/init.
const { nestAdd } = require('../dist/cjs/cli/init/nest-add.js');

exports.add = nestAdd(require('../package.json'));
