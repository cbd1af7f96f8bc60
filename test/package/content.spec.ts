import { createHash } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { filesIn, root, tarball, unpacked } from './support/packed.js';
import { run, runWell } from './support/run.js';

const binary = (name: string): string => join(root, 'node_modules/.bin', name);

interface Manifest extends Record<string, unknown> {
  readonly exports: Record<string, unknown>;
  readonly typesVersions: { readonly '*': Record<string, readonly string[]> };
}

describe('the tarball', () => {
  it('given a checkout without a build, when it is packed, then it holds the build and the texts, and nothing else', async () => {
    const files = await filesIn(unpacked);
    const others = files.filter((file) => !/^(dist|docs|schematics)\//.test(file));
    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']);
    expect(files.filter((file) => file.startsWith('docs/') && !file.endsWith('.md'))).toEqual([
      'docs/operations/alerts.yml',
      'docs/operations/dashboard.json',
    ]);
    expect(files.filter((file) => file.startsWith('schematics/'))).toEqual([
      'schematics/collection.json',
      'schematics/nest-add.cjs',
      'schematics/schema.json',
    ]);
    const odd = files.filter((file) => file.startsWith('dist/') && !/\.(js|d\.ts|js\.map)$/.test(file));
    expect(odd).toEqual(['dist/cjs/package.json']);
    const bundles = files.filter((file) => /^dist\/(esm|cjs)\/(?!cli\/).*\.js$/.test(file)); // the command line loads its own
    const { exports } = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8')) as Manifest;
    const entries = Object.keys(exports).length - 1; // without package.json
    expect(bundles.length).toBeLessThanOrEqual(2 * entries + 39);
    const size = (await stat(tarball)).size;
    process.stdout.write(`tarball: ${(size / 1e3).toFixed(0)} kB, ${files.length} files\n`);
    expect(size).toBeLessThan(2_300_000);
    expect(files.length).toBeLessThan(1_020);
  });

  it('given the main entry, when it is imported, then three files are read, and what only some apps use is not in them', async () => {
    const read = new Map<string, string>();
    const visit = async (file: string): Promise<void> => {
      if (read.has(file)) return;
      read.set(file, await readFile(join(unpacked, 'dist/esm', file), 'utf8'));
      for (const [, next] of read.get(file)!.matchAll(/^(?:import|export) [^;]*?["'](\.[^"']+)["'];$/gm)) {
        await visit(join(file, '..', next!));
      }
    };
    await visit('index.js');
    expect([...read.keys()].sort()).toEqual(['chunks/core.js', 'chunks/nest.js', 'index.js']);
    const code = [...read.values()].join('');
    for (const lazy of [
      'FileSecrets',
      'DirectorySecrets',
      'OpenedHcpVaultSecrets',
      'RotatingResource',
      'WebhookMount',
      'OpenedDisk',
      'CachesAtWork',
      'TierAtWork',
      'StartReport',
      'HttpTransport',
    ]) {
      expect(code).not.toMatch(new RegExp(`class ${lazy}\\b|\\b${lazy} = class\\b`));
    }
    expect(code).toMatch(/\bSecretRuntime = class\b|class SecretRuntime\b/);
    expect(code).toMatch(/^\p{ASCII}*$/u);
    expect(code.length / 1e3).toBeLessThan(446); // most of what an import costs is to parse it: 26 ms a megabyte
  });

  it('given the sources at another place, when they are bundled once more from any folder, then the bytes are the same', async () => {
    const again = await mkdtemp(join(tmpdir(), 'bundled-again-'));
    await runWell(process.execPath, [join(root, 'scripts/bundle.mjs'), again], { cwd: tmpdir() });
    const made = await filesIn(again);
    const packed = (await filesIn(join(unpacked, 'dist'))).filter((file) => !file.includes('/types/'));
    expect(made).toEqual(packed);
    for (const file of made) {
      const [one, two] = await Promise.all([readFile(join(again, file)), readFile(join(unpacked, 'dist', file))]);
      expect([file, one.equals(two)]).toEqual([file, true]);
    }
    await rm(again, { recursive: true });
  });

  it('given each entry of exports and typesVersions, when it is looked up, then the file is there', async () => {
    const { exports, typesVersions, ...rest } = JSON.parse(
      await readFile(join(unpacked, 'package.json'), 'utf8'),
    ) as Manifest;
    const { main, module, types, bin } = rest;
    const named = JSON.stringify([exports, typesVersions, main, module, types, bin]).match(/\.\/[^"]+/g) ?? [];
    const files = await filesIn(unpacked);
    expect(named.map((file) => file.slice(2)).filter((file) => /\.\w+$/.test(file) && !files.includes(file))).toEqual(
      [],
    );
    const entries = Object.keys(exports).filter((entry) => entry !== '.' && entry !== './package.json');
    expect(Object.keys(typesVersions['*'])).toEqual(entries.map((entry) => entry.slice(2)));
  });

  it('given the optional packages, when package.json is read, then each is a peer: Yarn gives a package those alone that it names', async () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      await readFile(join(unpacked, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, unknown>>;
    expect(Object.keys(peerDependencies!)).toEqual(expect.arrayContaining(Object.keys(peerDependenciesMeta!)));
  });

  it('given the links of README, CHANGELOG and SECURITY, when they are followed, then each is absolute or leads to a file of the tarball', async () => {
    const files = new Set(await filesIn(unpacked));
    for (const page of ['README.md', 'CHANGELOG.md', 'SECURITY.md']) {
      const text = (await readFile(join(unpacked, page), 'utf8')).replaceAll(/^```[^]*?^```$/gm, '');
      const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target]) => target!);
      expect(links.length).toBeGreaterThan(0);
      expect(links.filter((target) => !/^https:/.test(target) && !files.has(target))).toEqual([]);
    }
  });

  it('given a page of docs/, when its links are followed, then each leads to a file of the tarball, or to the sources of the repository', async () => {
    const files = new Set(await filesIn(unpacked));
    for (const page of [...files].filter((file) => file.startsWith('docs/'))) {
      const text = (await readFile(join(unpacked, page), 'utf8')).replaceAll(/^```[^]*?^```$/gm, '');
      const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target]) => target!);
      const inside = links
        .filter((target) => !/^https?:/.test(target))
        .map((target) => posix.join(dirname(page), target));
      const odd = inside.filter(
        (path) => !files.has(path) && !/^(lib|test|sample-app|bench|docs\/images|CONTRIBUTING\.md)/.test(path),
      );
      expect([page, odd]).toEqual([page, []]);
    }
  });

  it('given another umask and other modes, when it is packed again, then the bytes are the same', async () => {
    const checkout = await mkdtemp(join(dirname(tarball), 'again-'));
    await cp(join(dirname(tarball), 'checkout'), checkout, { recursive: true, verbatimSymlinks: true });
    await rm(join(checkout, 'dist'), { recursive: true });
    await chmod(join(checkout, 'README.md'), 0o600);
    await chmod(join(checkout, 'docs/start.md'), 0o755);
    await runWell('sh', ['-c', 'umask 077 && npm pack --silent --pack-destination .'], { cwd: checkout });
    const [again] = (await readdir(checkout)).filter((name) => name.endsWith('.tgz'));
    const hash = async (path: string) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    expect(await hash(join(checkout, again!))).toBe(await hash(tarball));
  });

  it('given publint, when it reads the tarball, then it has nothing to say', async () => {
    const { code, stdout } = await run(binary('publint'), [tarball, '--strict']);
    expect([code, code === 0 || stdout]).toEqual([0, true]);
    expect(stdout).toContain('All good!');
  });

  it('given attw, when it resolves the types of all entries, then it finds no problem, node10 included', async () => {
    const { code, stdout } = await run(binary('attw'), [tarball, '--profile', 'strict']);
    expect([code, code === 0 || stdout]).toEqual([0, true]);
    expect(stdout).toContain('No problems found');
  });
});
