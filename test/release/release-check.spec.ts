import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const script = resolve('scripts/release-check.mjs');
let folder: string;
let manifest: Record<string, unknown>;

const git = (...args: string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', '-c', 'commit.gpgsign=false', ...args],
    { cwd: folder, encoding: 'utf8' },
  );
const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
const writeManifest = (changes: object): void => write('package.json', JSON.stringify({ ...manifest, ...changes }));
const commit = (): void => {
  git('add', '-A');
  git('commit', '-qm', 'test', '--allow-empty');
  git('tag', '-f', 'v1.2.3');
};
const check = (env: Record<string, string> = {}, ...flags: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [script, ...flags], {
    cwd: folder,
    env: { PATH: process.env.PATH!, ...env },
    encoding: 'utf8',
  });
  return {
    status,
    lines: stderr
      .trim()
      .split('\n')
      .filter((line) => line !== '' && line !== 'Not to be published.'),
  };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  const address = 'https://github.com/somebody/nestjs-hcp-vault';
  manifest = {
    name: 'nestjs-hcp-vault',
    version: '1.2.3',
    repository: { type: 'git', url: `git+${address}.git` },
    homepage: `${address}#readme`,
    bugs: { url: `${address}/issues` },
    publishConfig: { access: 'public', provenance: true },
  };
  mkdirSync(join(folder, 'lib/core'), { recursive: true });
  writeManifest({});
  write('package-lock.json', JSON.stringify({ version: '1.2.3', packages: { '': { version: '1.2.3' } } }));
  write('lib/core/package-version.ts', `export const PACKAGE_VERSION = '1.2.3';\n`);
  write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-27\n\n- More.\n\n## [1.2.2]\n');
  git('init', '-q');
  commit();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the check before a release', () => {
  it('given a commit that is ready, when it is checked, then it passes', () => {
    expect(
      check({ GITHUB_REPOSITORY: 'somebody/nestjs-hcp-vault', GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.3' }),
    ).toEqual({ status: 0, lines: [] });
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a placeholder',
      () => writeManifest({ repository: { url: 'git+https://github.com/OWNER/nestjs-hcp-vault.git' } }),
      /is a placeholder/,
    ],
    ['no address', () => writeManifest({ repository: undefined }), /has to be git\+https/],
    [
      'a homepage of another place',
      () => writeManifest({ homepage: 'https://example.com' }),
      /are not those of repository\.url/,
    ],
    ['no provenance', () => writeManifest({ publishConfig: { access: 'public' } }), /with provenance/],
    [
      'another version in the code',
      () => write('lib/core/package-version.ts', `export const PACKAGE_VERSION = '1.2.2';\n`),
      /says 1\.2\.2, package\.json 1\.2\.3/,
    ],
    [
      'another version in the lock file',
      () => write('package-lock.json', JSON.stringify({ version: '1.2.3', packages: { '': { version: '1.2.2' } } })),
      /package-lock\.json is not/,
    ],
    [
      'no section of the version',
      () => write('CHANGELOG.md', '## [Unreleased]\n\n- More.\n'),
      /has no section \[1\.2\.3\]/,
    ],
    ['a section without a date', () => write('CHANGELOG.md', '## [1.2.3]\n\n- More.\n'), /has no date/],
    ['an empty section', () => write('CHANGELOG.md', '## [1.2.3] - 2026-11-27\n\n## [1.2.2]\n\n- Less.\n'), /is empty/],
  ])('given %s, when it is checked, then it says so, and fails', (_, change, text) => {
    change();
    commit();
    const { status, lines } = check();
    expect(status).toBe(1);
    expect(lines.filter((line) => text.test(line))).toHaveLength(1);
  });

  it('given changes that are not committed, or no tag, when it is checked, then it fails', () => {
    write('new.txt', '');
    expect(check()).toEqual({ status: 1, lines: ['The worktree has changes that are not committed.'] });
    commit();
    git('tag', '-d', 'v1.2.3');
    expect(check()).toEqual({ status: 1, lines: ['This commit has no tag v1.2.3.'] });
  });

  it('given a workflow of another repository or tag, when it is checked, then it fails', () => {
    const { status, lines } = check({
      GITHUB_REPOSITORY: 'other/nestjs-hcp-vault',
      GITHUB_REF_TYPE: 'tag',
      GITHUB_REF_NAME: 'v1.2.4',
    });
    expect([status, lines]).toEqual([
      1,
      [expect.stringContaining('not that of other/'), 'The tag is v1.2.4, the version 1.2.3.'],
    ]);
  });

  it('given a new address in its one place, when the others are derived, then they are of it', () => {
    writeManifest({ repository: { type: 'git', url: 'git+https://github.com/new/name.git' } });
    check({}, '--derive');
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      homepage: 'https://github.com/new/name#readme',
      bugs: { url: 'https://github.com/new/name/issues' },
    });
  });

  it('given this repository, when it is looked at, then the address stands in its one place, and `npm publish` checks', () => {
    const own = JSON.parse(readFileSync('package.json', 'utf8'));
    const address = /^git\+(.*)\.git$/.exec(own.repository.url)![1];
    expect([own.homepage, own.bugs.url]).toEqual([`${address}#readme`, `${address}/issues`]);
    expect(own.scripts.prepublishOnly).toBe('node scripts/release-check.mjs');
    expect(Object.keys(own.scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  });
});
