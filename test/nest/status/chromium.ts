import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const PATH = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Registers the tests where there is a Chromium; where there is none they are skipped, and say so, but in CI that is a failure. */
export function describeInChromium(title: string, tests: (open: OpenPage) => void): void {
  if (!existsSync(PATH)) {
    if (process.env['CI'] !== 'true') return describe.skip(`${title} (no Chromium at ${PATH})`, () => tests(open));
    return it(title, () => {
      throw new Error(`There is no Chromium at ${PATH}: install it, or name it in CHROMIUM.`);
    });
  }
  let browser: Browser;
  const open: OpenPage = async (address, options = {}, prepare = undefined) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    // What the browser itself says of a status is not a fault of the page.
    page.on('console', (message) => {
      if (message.type() === 'error' && !/^Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await prepare?.(page);
    await page.goto(address);
    return { page, complaints, close: () => context.close() };
  };
  describe(title, () => {
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: PATH, args: ['--no-sandbox'] });
    }, 30_000);
    afterAll(() => browser.close());
    tests(open);
  });
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors of the console, those of the content security policy too, and what the script threw. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export type OpenPage = (
  address: string,
  options?: BrowserContextOptions,
  /** Done before the page is loaded. */
  prepare?: (page: Page) => Promise<unknown>,
) => Promise<OpenedPage>;
