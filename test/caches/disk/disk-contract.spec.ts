import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskCache } from 'nestjs-hcp-vault';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { describeSharedCache } from '../support/describe-shared-cache.js';

describeSharedCache('diskCache', async () => {
  const dir = join(temporaryFolder(), 'cache');
  return {
    cache: (options) => diskCache({ dir, ...options }),
    stored: async () => readdirSync(dir).map((name) => ({ name, bytes: readFileSync(join(dir, name)) })),
    overwrite: async (name, bytes) => writeFileSync(join(dir, name), bytes),
    takeAway: async () => {
      renameSync(dir, `${dir}.away`);
      writeFileSync(dir, ''); // no folder any more
      return async () => {
        rmSync(dir);
        renameSync(`${dir}.away`, dir);
      };
    },
    end: async () => removeFolders(),
  };
});
