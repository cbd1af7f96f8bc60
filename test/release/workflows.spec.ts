import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, unknown>;
}
interface Job {
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
  readonly needs?: string;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Record<string, unknown>;
  readonly permissions: Record<string, string>;
  readonly jobs: Record<string, Job>;
}

const folder = '.github/workflows';
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const workflow = (name: string): Workflow => parse(text(name)) as Workflow;
const names = readdirSync(folder);
const steps = (name: string): Step[] => Object.values(workflow(name).jobs).flatMap((job) => job.steps);

describe.each(names)('the workflow %s', (name) => {
  it('given its permissions, when they are read, then it has none at the top, and each job names its own', () => {
    const { permissions, jobs } = workflow(name);
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(Object.keys(job.permissions ?? {})).not.toEqual([]);
  });

  it('given its actions, when they are read, then each is pinned by its commit, with its version beside it', () => {
    const used = steps(name).flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(0);
    const lines = [...text(name).matchAll(/uses: (\S+) # (v\d+\.\d+\.\d+)$/gm)].map(([, action]) => action);
    expect(lines).toEqual(used);
    for (const action of used) expect(action).toMatch(/^(actions|github)\/[\w/-]+@[0-9a-f]{40}$/);
  });

  it('given its commands, when they are read, then none holds what others can write, and no one else’s code has rights', () => {
    expect(Object.keys(workflow(name).on)).not.toContain('pull_request_target');
    for (const { run } of steps(name)) expect(run ?? '').not.toContain('${{');
    for (const { uses, with: options } of steps(name)) {
      if (uses?.startsWith('actions/checkout@')) expect(options).toMatchObject({ 'persist-credentials': false });
      if (uses?.startsWith('actions/setup-node@')) expect(options).toMatchObject({ 'package-manager-cache': false });
    }
  });
});

describe('the workflows together', () => {
  it('given one action in several places, when they are compared, then it is one commit', () => {
    const used = new Set(
      names.flatMap(steps).flatMap(({ uses }) => uses?.replace(/(?<=^github\/codeql-action)\/\w+/, '') ?? []),
    );
    expect([...used].map((action) => action.split('@')[0]).sort()).toEqual([
      'actions/checkout',
      'actions/download-artifact',
      'actions/setup-node',
      'actions/upload-artifact',
      'github/codeql-action',
    ]);
  });

  it('given the release, when its jobs are read, then one alone has an identity, and it publishes what was built and checked', () => {
    const { on, jobs } = workflow('release.yml');
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(Object.entries(jobs).map(([name, { permissions, needs }]) => [name, permissions, needs])).toEqual([
      ['build', { contents: 'read' }, undefined],
      ['publish', { 'id-token': 'write' }, 'build'],
      ['attach', { contents: 'write' }, 'publish'],
    ]);
    expect(jobs.publish!.environment).toBe('npm');
    const commands = (job: string): string => jobs[job]!.steps.map(({ run }) => run ?? '').join('\n');
    expect(commands('build')).toMatch(/npm run release:check[^]*bash \.ci\/run[^]*umask 022[^]*cmp [^]*npm sbom/);
    expect(commands('publish')).toContain('npm publish ./out/*.tgz --provenance --access public');
    expect(text('release.yml')).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN/);
  });
});

describe('forms and updates', () => {
  it('given the forms of issues, when they are read, then each has a name and fields, and the sources are those of the package', () => {
    for (const name of ['bug.yml', 'feature.yml']) {
      const form = parse(readFileSync(join('.github/ISSUE_TEMPLATE', name), 'utf8'));
      expect([typeof form.name, typeof form.description, form.body.length > 2]).toEqual(['string', 'string', true]);
    }
    const bug = parse(readFileSync('.github/ISSUE_TEMPLATE/bug.yml', 'utf8'));
    const { options } = bug.body.find(({ id }: { id?: string }) => id === 'source').attributes;
    const pages = readdirSync('docs/sources').map((page) =>
      readFileSync(join('docs/sources', page), 'utf8').split('\n')[0]!.slice(2),
    );
    expect([...options].sort()).toEqual([...pages, 'one of my own'].sort());
  });

  it('given dependabot, when it is read, then it keeps packages and actions', () => {
    const { updates } = parse(readFileSync('.github/dependabot.yml', 'utf8'));
    expect(updates.map((update: Record<string, unknown>) => update['package-ecosystem'])).toEqual([
      'npm',
      'github-actions',
    ]);
  });

  it('given SECURITY.md, when it is read, then it says how to report, in how many days, and what counts', () => {
    const policy = readFileSync('SECURITY.md', 'utf8');
    for (const word of [
      'Report a vulnerability',
      '3 days',
      '30 days',
      '90 days',
      'disclos',
      'good faith',
      'What counts',
    ]) {
      expect(policy).toContain(word);
    }
  });
});
