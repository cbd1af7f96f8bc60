import { Logger, type LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { HcpVaultClient, HcpVaultModule, memorySource, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { partsOf } from './literal-parts.js';
import { textOf } from './markdown.js';

const page = textOf('docs/reference/log-lines.md').replaceAll('\\`', '`');

/** What writes a line: a logger, or a function that does nothing but hand the text to one. */
const WRITERS =
  /(?:^|[.#])(?:logger|log|Logger\([^)]*\)\)?|runtime\.log)\.(?:log|info|warn|error|debug|warnOnce)$|^(?:this\.)?#?(?:warn|warnOnce|warnByProcess|tellOnce|#tellOnce|#warnOf)$|^process\.emitWarning$/;
/** These have methods of those names, which hand texts on. */
const OWN_METHODS = /^this\.(?:info|error|warn|warnOnce|#tell|#tellOnce|#warnOf)$/;
const WITH_OWN_METHODS = [
  'core/refresh/connection-log.ts',
  'core/rotation/resource-maker.ts',
  'core/webhook/webhook-endpoint.ts',
  'nest/status/doorkeeper.ts',
];

const lib = join(process.cwd(), 'lib');
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('cli/') && !file.startsWith('testing/contract/'),
);

/** Texts of a file that go into a line of the log, in pieces between what differs. */
function linesOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(lib, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const named = new Map<string, string[]>();
  const given: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      named.set(node.name.text, [...(named.get(node.name.text) ?? []), ...partsOf(node.initializer)]);
    }
    if (ts.isCallExpression(node)) {
      const writer = node.expression.getText();
      const isOwn = WITH_OWN_METHODS.includes(file) && OWN_METHODS.test(writer);
      if (isOwn || WRITERS.test(writer)) given.push(...node.arguments);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return given.flatMap((node) => (ts.isIdentifier(node) ? (named.get(node.text) ?? []) : partsOf(node)));
}

/** Shorter pieces are in every text. */
const SHORTEST = 12;
const pieces = files.flatMap((file) =>
  linesOf(file)
    .map((piece) => piece.trim())
    .filter((piece) => piece.length >= SHORTEST && piece.includes(' '))
    .map((piece) => ({ file, piece })),
);

describe('the page of log lines', () => {
  it('given the calls of loggers in lib, when their texts are looked up, then each is on the page', () => {
    expect(pieces.length).toBeGreaterThan(50);
    expect(pieces.filter(({ piece }) => !page.includes(piece))).toEqual([]);
  });

  it('given the sample of the page, when an app starts, fails, heals, rotates and is paused, then its lines are these, and its status is that of the other page', async () => {
    const lines: string[] = [];
    const write = (level: string) => (message: unknown) => void lines.push(`${level} ${String(message)}`);
    const logger: LoggerService = {
      log: write('LOG'),
      warn: write('WARN'),
      error: write('ERROR'),
      debug: write('DEBUG'),
    };
    const source = memorySource({ STRIPE_KEY: 'canary-before', WEBHOOK_KEY: 'canary-key' });
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, required: ['STRIPE_KEY', 'WEBHOOK_KEY'] })],
    })
      .setLogger(logger)
      .compile();
    await app.init();
    const client = app.get(HcpVaultClient);
    const [, status] = /```json\n([^]*?)```/.exec(textOf('docs/reference/status.md'))!;
    expect(client.status().find(({ name }) => name === 'STRIPE_KEY')).toMatchObject(JSON.parse(status!));
    source.fail(new SecretSourceUnavailableError('down for the test.'));
    await client.refresh();
    source.recover();
    await client.refresh();
    source.rotate('STRIPE_KEY', 'canary-after');
    await client.refresh('STRIPE_KEY');
    client.pause();
    client.resume();
    await app.close();
    Logger.overrideLogger(false);

    const [, sample] = /```text\n([^]*?)```/.exec(page)!;
    const shown = lines.map((line) =>
      line.replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, '…').replace(/(from )\S+ to \S+\./, '$1… to ….'),
    );
    expect(shown.filter((line) => !/InstanceLoader|dependencies initialized/.test(line))).toEqual(
      sample!.trim().split('\n'),
    );
  });
});
