// The pages of `docs/`, and in which section of the site each stands. A page's title is its heading.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const docs = join(root, 'docs');

/**
 * Sections in their order. What ends with `/` is a folder: all its pages stand there by themselves, sorted by title; so a new page of a folder
 * needs no line here. A page of `docs/` itself has to be named.
 */
export const SECTIONS = [
  { text: 'Getting started', pages: ['start.md', 'nest-add.md', 'works-with.md'] },
  {
    text: 'How-to',
    pages: [
      'living-secrets.md',
      'rotating-resources.md',
      'overlap.md',
      'config-service.md',
      'schemas-and-types.md',
      'main-ts.md',
      'testing.md',
      'unit-tests.md',
      'serverless.md',
      'channels.md',
      'shared-caches.md',
      'redis-cache.md',
      'secrets-guard.md',
      'audit.md',
    ],
    groups: [
      { text: 'Guides', pages: ['how-to/'] },
      { text: 'Recipes', pages: ['recipes/'] },
      { text: 'Set up a source', pages: ['setup/'] },
    ],
  },
  { text: 'Concepts', pages: ['the-way-of-a-secret.md', 'refresh-and-leases.md', 'glossary.md', 'concepts/'] },
  {
    text: 'Reference',
    pages: ['reference/', 'metrics.md', 'vault-client.md', 'command-line.md'],
    groups: [{ text: 'Sources', pages: ['sources/'] }],
  },
  {
    text: 'Operations',
    pages: ['health.md', 'status-page.md', 'doctor.md', 'operations/', 'copy-and-diff.md', 'quotas-and-cost.md'],
  },
  { text: 'Migration', pages: ['moving-off-hcp.md', 'migration/'] },
  { text: 'Security', pages: ['security.md', 'least-privilege.md'] },
  { text: 'Contributing', pages: ['contributing.md', 'contributing-a-source.md'] },
];

/** Pages as paths within `docs/`, sorted. */
export const docsPages = () =>
  readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md'))
    .sort();

export const titleOf = (page) => {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(docs, page), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`docs/${page} has no heading.`);
  return title.replaceAll('`', '');
};

/** What is about the whole folder stands first in it. */
const isOverview = (page) => /(?:^|\/)(?:index|README)\.md$/.test(page);

const byTitle = (one, other) =>
  Number(isOverview(other)) - Number(isOverview(one)) || titleOf(one).localeCompare(titleOf(other), 'en');

/** The pages that an entry of a section stands for. */
const listed = (entry) =>
  entry.endsWith('/')
    ? docsPages()
        .filter((page) => page.startsWith(entry))
        .sort(byTitle)
    : [entry];

const groupsOf = (section) => [section, ...(section.groups ?? [])];

/** What is wrong with the list: a page that stands nowhere or twice, a name without a page. */
export function sidebarProblems(present = docsPages()) {
  const named = SECTIONS.flatMap(groupsOf).flatMap(({ pages }) => pages.flatMap(listed));
  return [
    ...present.filter((page) => !named.includes(page)).map((page) => `docs/${page} stands in no section`),
    ...named
      .filter((page, index) => named.indexOf(page) !== index)
      .map((page) => `docs/${page} stands in two sections`),
    ...named.filter((page) => !present.includes(page)).map((page) => `docs/${page} is named, and is not there`),
  ];
}

const item = (page) => ({ text: titleOf(page), link: `/${page.replace(/\.md$/, '')}` });

export function sidebar() {
  const items = ({ pages }) => pages.flatMap(listed).map(item);
  return SECTIONS.map((section) => ({
    text: section.text,
    collapsed: section.text !== 'Getting started',
    items: [
      ...items(section),
      ...(section.groups ?? [])
        .map((group) => ({ text: group.text, collapsed: true, items: items(group) }))
        .filter((group) => group.items.length > 0),
    ],
  }));
}
