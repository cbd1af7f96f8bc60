import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import { describeInChromium } from '../nest/status/chromium.js';
import { CompiledSampleApp, type RunningSampleApp } from './compiled-sample-app.js';

let compiled: CompiledSampleApp;
let app: RunningSampleApp;
let url: string;

/** Asks until it holds: another process has no clock that a test could move. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not so within 15 s: ${what}`);
    await pause(20);
  }
}

const text = async (page: Page, id: string): Promise<string> => (await page.textContent(`#${id}`)) ?? '';
const figure = async (page: Page, id: string): Promise<number> => Number((await text(page, id)).replace(',', ''));
const row = (page: Page, secret: string) => page.locator('#secrets tr', { hasText: secret });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** In the page: a text, as these tests are compiled without the names of browsers. */
const LOOK = `({
  moving: document.getAnimations().length,
  background: getComputedStyle(document.body).backgroundColor,
  width: document.documentElement.scrollWidth,
  badges: document.querySelectorAll('.badge').length,
  outside: [...document.querySelectorAll('.badge, dd, td, tbody th, button, #journal span')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.textContent),
})`;

describeInChromium('the page of the sample app', (open) => {
  beforeAll(async () => {
    compiled = new CompiledSampleApp();
    app = compiled.start();
    url = await app.url();
  }, 60_000);
  afterAll(async () => {
    await app.stop('SIGKILL');
    compiled.remove();
  });

  it('given a load, when each button is pressed by keyboard, then the app lives through it, and no request fails', async () => {
    const { page, complaints, close } = await open(url);
    const press = async (name: string): Promise<void> => {
      await button(page, name).focus();
      await page.keyboard.press('Enter');
    };
    const happened = (what: string) => page.locator('#journal li', { hasText: what }).first().waitFor();

    // Ten times in a row: faster than the app reads, too.
    await until('there is a load', async () => (await figure(page, 'answered')) > 20);
    const before = await figure(page, 'answered');
    for (let count = 1; count <= 10; count += 1) {
      const done = page.waitForResponse(/demo\/rotate/);
      await press('Rotate');
      await done;
      if (count === 5) await happened('The app has DATABASE v6,');
    }
    await happened('The app has DATABASE v11,');
    await row(page, 'DATABASE').getByText('v11', { exact: true }).waitFor();
    expect(await figure(page, 'answered')).toBeGreaterThan(before);

    await press('Refuse the password first');
    await until('requests wait', async () => (await figure(page, 'waiting')) > 0);
    await press('Rotate');
    expect(await text(page, 'obstacle')).toBe('The new password is about to be published.');
    await happened('The app has DATABASE v12,');

    await press('Take the backend away');
    await happened('Reading fails with SECRET_SOURCE_UNAVAILABLE');
    await row(page, 'DATABASE').getByText('last good value: SECRET_SOURCE_UNAVAILABLE').waitFor();
    await press('Rotate');
    expect(await button(page, 'Rotate').getAttribute('aria-disabled')).toBe('true');
    expect(await text(page, 'obstacle')).toMatch('The backend is away');
    const meanwhile = await figure(page, 'answered');
    await until('it serves on', async () => (await figure(page, 'answered')) > meanwhile + 20);
    await press('Bring the backend back');
    await happened('Reading works again.');

    await press('Revoke the lease');
    await happened('The app has a new access key');
    await row(page, 'AWS').getByText('once').waitFor();

    await press('Put in a broken value');
    await happened('Reading fails with SECRET_VALIDATION');
    await row(page, 'DATABASE').getByText('last good value: SECRET_VALIDATION').waitFor();
    expect(await text(page, 'pool')).toMatch('made from DATABASE v12');
    await press('Rotate');
    await happened('The app has DATABASE v14,');
    await row(page, 'DATABASE').getByText('current').waitFor();

    await until('nothing waits', async () => (await figure(page, 'waiting')) === 0);
    expect(await text(page, 'failed')).toBe('0');
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it('given 390 px, a dark system and reduced motion, when a row changes, then all of it is on the screen, dark, and still', async () => {
    const viewport = { width: 390, height: 844 };
    const { page, close } = await open(url, { viewport, colorScheme: 'dark', reducedMotion: 'reduce' });
    await button(page, 'Rotate').click();
    await page.locator('#secrets tr.changed').first().waitFor();
    const seen = await page.evaluate(LOOK);
    expect(seen).toEqual({ moving: 0, background: 'rgb(16, 20, 27)', width: 390, badges: 15, outside: [] });
    await close();
  });

  it('given secrets of the user’s own, when the page opens, then it has no buttons, and says why', async () => {
    const emulator = await HcpVaultSecretsEmulator.start({ apps: { web: { OTHER: 'canary-value-of-some-length' } } });
    const own = compiled.start({ ...emulator.environment });
    try {
      const { page, complaints, close } = await open(await own.url());
      await page.getByText('These are secrets of your own').waitFor();
      await row(page, 'OTHER').getByText('current').waitFor();
      expect(await page.getByRole('button').count()).toBe(0);
      expect([await page.content(), complaints]).toEqual([expect.not.stringContaining('canary'), []]);
      await close();
    } finally {
      await own.stop('SIGKILL');
      await emulator.stop();
    }
  });

  it('given an open page, when the app hangs, goes on, and is killed, then it says that there is no answer, and takes it back', async () => {
    const { page, close } = await open(url);
    const phase = (name: string) => page.locator(`body[data-phase=${name}]`).waitFor();
    await until('it follows the app', async () => (await figure(page, 'answered')) > 0);
    void app.stop('SIGSTOP');
    await phase('silent');
    expect(await text(page, 'pulse')).toMatch(/^No answer for \d+ s$/);
    await button(page, 'Rotate').click();
    expect(await text(page, 'obstacle')).toBe('The app does not answer.');
    void app.stop('SIGCONT');
    await phase('live');
    expect(await text(page, 'pulse')).toBe('live');
    await app.stop('SIGKILL');
    await phase('silent');
    await close();
  }, 30_000);
});
