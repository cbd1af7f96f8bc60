import { writeFileSync } from 'node:fs';
import { hcpVaultSecrets } from 'nestjs-hcp-vault';
import { throwEverywhere } from './callbacks.js';
import { canaries, seed } from './canaries.js';
import { abort, failStarts } from './failing.js';
import { useOddNames } from './names.js';
import { searchForOldValues } from './old-values.js';
import { runApp } from './running.js';
import { checkEnvironment, show, showDeep, showError, testimony } from './witness.js';

const [, , what, testimonyFile] = process.argv;

if (what === 'abort') {
  await abort();
} else if (what === 'confess') {
  // Leaks on purpose: shows that the search finds what it looks for.
  process.env.CONFESSED = canaries.password;
  showError('an error', new Error('refused', { cause: new Error(canaries.clientSecret) }));
  show('an object', { deep: { in: { it: [canaries.first] } } });
  showDeep('a map', new Map([['key', { value: canaries.dynamic }]]));
  checkEnvironment('after that');
  writeFileSync(testimonyFile ?? '', JSON.stringify(testimony()));
} else if (what === 'callbacks') {
  const thrown = await throwEverywhere();
  writeFileSync(testimonyFile ?? '', JSON.stringify({ found: { thrown }, ...testimony() }));
} else if (what === 'names') {
  await useOddNames();
  writeFileSync(testimonyFile ?? '', JSON.stringify(testimony()));
} else if (what === 'old-values') {
  writeFileSync(testimonyFile ?? '', JSON.stringify(await searchForOldValues()));
} else {
  const { apps: _apps, ...ids } = seed;
  const found = await runApp((url) => hcpVaultSecrets({ ...ids, appName: 'web', apiUrl: url, authUrl: url }));
  await failStarts();
  checkEnvironment('at the end');
  // Its own file: what the program found has canaries in it.
  writeFileSync(testimonyFile ?? '', JSON.stringify({ found, ...testimony() }));
}
