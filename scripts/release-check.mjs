// `npm run release:check`, and before each `npm publish`: what has to be so before a version goes out. Looks at the folder that it is run in.
// With --derive it writes `homepage` and `bugs` as `repository.url`, the one place of the address, has them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const PLACEHOLDER = /\/OWNER\//;

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** `https://github.com/owner/name` of `git+https://github.com/owner/name.git`. */
const addressOf = ({ repository }) =>
  /^git\+(https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+)\.git$/.exec(repository?.url ?? '')?.[1];
const derived = (address) => ({ homepage: `${address}#readme`, bugs: { url: `${address}/issues` } });

function* problemsOfAddress(manifest) {
  const address = addressOf(manifest);
  if (!address) yield 'package.json: repository.url has to be git+https://HOST/OWNER/NAME.git.';
  else {
    if (PLACEHOLDER.test(address))
      yield 'package.json: repository.url is a placeholder: write the address, then run this with --derive.';
    const { homepage, bugs } = derived(address);
    if (manifest.homepage !== homepage || manifest.bugs?.url !== bugs.url) {
      yield 'package.json: homepage and bugs are not those of repository.url: run this with --derive.';
    }
    const { GITHUB_REPOSITORY: repository } = process.env;
    // Provenance is refused otherwise, letter by letter.
    if (repository && !address.endsWith(`/${repository}`))
      yield `package.json: repository.url is not that of ${repository}, which publishes.`;
  }
  const { access, provenance } = manifest.publishConfig ?? {};
  if (access !== 'public' || provenance !== true)
    yield 'package.json: publishConfig has to be public, with provenance.';
}

function* problemsOfVersion({ version }) {
  const { version: locked, packages } = json('package-lock.json');
  if (locked !== version || packages[''].version !== version) yield `package-lock.json is not of version ${version}.`;
  const [, inCode] = /PACKAGE_VERSION = '([^']*)'/.exec(readFileSync('lib/core/package-version.ts', 'utf8')) ?? [];
  if (inCode !== version) yield `lib/core/package-version.ts says ${inCode}, package.json ${version}.`;
  const section = readFileSync('CHANGELOG.md', 'utf8')
    .split(/^## /m)
    .find((part) => part.startsWith(`[${version}]`));
  if (!section) yield `CHANGELOG.md has no section [${version}].`;
  else {
    const [title, ...lines] = section.split('\n');
    if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(title)) yield `CHANGELOG.md: the section [${version}] has no date.`;
    if (!lines.some((line) => line.startsWith('- '))) yield `CHANGELOG.md: the section [${version}] is empty.`;
  }
}

function* problemsOfCheckout({ version }) {
  try {
    if (git('status', '--porcelain') !== '') yield 'The worktree has changes that are not committed.';
    if (!git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`))
      yield `This commit has no tag v${version}.`;
  } catch {
    yield 'This is not a checkout of git.';
  }
  const { GITHUB_REF_TYPE: type, GITHUB_REF_NAME: name } = process.env;
  if (type === 'tag' && name !== `v${version}`) yield `The tag is ${name}, the version ${version}.`;
}

const manifest = json('package.json');
if (process.argv.includes('--derive')) {
  Object.assign(manifest, derived(addressOf(manifest)));
  writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
}
const problems = [...problemsOfAddress(manifest), ...problemsOfVersion(manifest), ...problemsOfCheckout(manifest)];
for (const problem of problems) console.error(problem);
if (problems.length > 0) console.error('Not to be published.');
process.exitCode = problems.length > 0 ? 1 : 0;
