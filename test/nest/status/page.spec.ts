import type { Page } from 'playwright-core';
import { FRAMEWORKS, TOKEN } from './apps.js';
import { describeInChromium } from './chromium.js';
import { ShopVault } from './demo.js';
import type { Shop } from './shop.js';
import { openShop } from './shop.js';

const letIn = async (page: Page): Promise<void> => {
  await page.keyboard.type(TOKEN); // the field has the focus
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-phase=live]');
};

const rowOf = (page: Page, name: string) => page.locator('#secrets > tr:not(.details)', { hasText: name });
const noComplaints: string[] = [];

describeInChromium('the status page in Chromium', (open) => {
  let shop: Shop;
  afterEach(() => shop.app.close());

  it.each(FRAMEWORKS)(
    'given %s, when a wrong token and then the right one are typed, then the page refuses, and then shows how all stands, live',
    async (framework) => {
      shop = await openShop(framework);
      const { page, complaints, close } = await open(shop.address);
      expect(await page.locator('#content').isVisible()).toBe(false);
      await page.keyboard.type(`${TOKEN}-not`);
      await page.keyboard.press('Enter');
      await page.waitForSelector('#door.refused');
      expect(await page.textContent('#door-text')).toBe('That is not the token.');
      await letIn(page);
      expect(await page.textContent('#verdict-headline')).toBe('9 secrets are current, 1 is not there.');
      expect(await page.textContent('#verdict-rest')).toMatch(/^Vault answered \d+ s ago\. Next refresh in \d+ min\.$/);
      shop.source.rotate('STRIPE_API_KEY');
      await shop.client.refresh();
      await rowOf(page, 'STRIPE_API_KEY').getByText('Rotated').waitFor();
      expect(await rowOf(page, 'STRIPE_API_KEY').locator('.version').textContent()).toBe('2');
      const all = await page.content();
      await close();
      expect([all.includes('canary-'), page.url().includes(TOKEN)]).toEqual([false, false]);
      expect(complaints).toEqual(noComplaints);
    },
    20_000,
  );

  it('given the page, when a reader of screens reads it, then it has headings, a table, names for its buttons, and says what changes', async () => {
    shop = await openShop();
    const { page, close } = await open(shop.address);
    await letIn(page);
    const text = await page.locator('body').ariaSnapshot();
    shop.source.isAway = true;
    await shop.client.refresh();
    await page.waitForSelector('[data-level=degraded]');
    const told = await page.textContent('[aria-live=polite]');
    await close();
    const parts = [
      'heading "Secrets" [level=1]',
      'heading "9 secrets are current, 1 is not there." [level=2]',
      'region "Connections"',
      'img "1 not there, 9 current"',
      'button "Refresh all, connection default"',
      'group "Show by standing"',
      'button "All 10" [pressed]',
      'searchbox "Filter by name, user or connection"',
      'table "Secrets"',
      'columnheader "Used by"',
      'button "STRIPE_API_KEY"',
      'Payments (constructor)',
      'ShopPool (rotatingProvider)',
      'button "Refresh STRIPE_API_KEY"',
    ];
    expect(parts.filter((part) => !text.includes(part))).toEqual([]);
    expect(told).toBe('Of 10 secrets, 8 could not be read last; their last values serve.');
  }, 20_000);

  it('given the keyboard alone, when the filter is reached, and a secret opened, then the focus stays, and what is wrong is said in a sentence', async () => {
    shop = await openShop();
    shop.source.denied.add('SMTP');
    await shop.client.refresh();
    const { page, complaints, close } = await open(shop.address);
    await letIn(page);
    await page.keyboard.press('/');
    await page.keyboard.type('smtp');
    expect(await page.locator('#secrets > tr').count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const name = page.getByRole('button', { name: 'SMTP', exact: true });
    expect(await name.getAttribute('aria-expanded')).toBe('true');
    expect(await rowOf(page, 'SMTP').locator('.why').textContent()).toMatch(
      /^Vault denies access to it; the value of (\d{4}-\d\d-\d\d )?[\d:]{8} stays in use; the next try is at (\d{4}-\d\d-\d\d )?[\d:]{8}\.$/,
    );
    expect(await page.locator('.details').textContent()).toContain('SECRET_ACCESS_DENIED');
    shop.source.denied.clear();
    await shop.client.refresh();
    await rowOf(page, 'SMTP').getByText('Recovered').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('SMTP');
    await page.keyboard.press('Enter');
    expect(await page.locator('.details').count()).toBe(0);
    await page.keyboard.press('/');
    await page.keyboard.press('Escape');
    expect(await page.locator('#secrets > tr').count()).toBe(10);
    await close();
    expect(complaints).toEqual(noComplaints);
  }, 20_000);

  it('given the buttons, when they are pressed, then one or all are read, new credentials are asked twice for, and readings pause and go on', async () => {
    shop = await openShop();
    const { page, complaints, close } = await open(shop.address);
    await letIn(page);
    const toast = (text: string) => page.locator('#toast', { hasText: text }).waitFor();
    shop.source.rotate('SMTP');
    await page.getByRole('button', { name: 'Refresh SMTP' }).click();
    await toast('SMTP: 1 changed');
    await page.getByRole('button', { name: 'Refresh all' }).click();
    await toast('default: 8 unchanged, 1 failed: SECRET_NOT_FOUND');
    await page.getByRole('button', { name: 'Refresh DATABASE' }).click();
    expect(await page.textContent('dialog h2')).toBe('Open new credentials for DATABASE?');
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.keyboard.press('Tab'); // from Cancel, where the focus is
    await page.keyboard.press('Enter');
    await toast('default is paused.');
    expect(shop.client.isPaused).toBe(true);
    await page.locator('#verdict-rest', { hasText: 'Readings are paused.' }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await toast('default is resumed.');
    expect(shop.client.isPaused).toBe(false);
    await close();
    expect(complaints).toEqual(noComplaints);
  }, 20_000);

  it.each([360, 480, 860, 1280])(
    'given a window of %i px, when all is shown, and a secret with a long name, then nothing is wider than the window',
    async (width) => {
      shop = await openShop('Express', new ShopVault(['X'.repeat(300), 'a/long/path/'.repeat(20)]));
      const { page, close } = await open(shop.address, { viewport: { width, height: 800 } });
      await letIn(page);
      await page.getByRole('button', { name: 'DATABASE', exact: true }).click();
      await rowOf(page, 'XXXXXX').locator('.name').click();
      const wide = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      await close();
      expect(wide).toEqual([width, width]);
    },
    20_000,
  );

  it('given a dark system, and one without motion, when the page is shown, then it is dark, and nothing moves', async () => {
    shop = await openShop();
    const { page, close } = await open(shop.address, { colorScheme: 'dark', reducedMotion: 'reduce' });
    await letIn(page);
    const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const moving = await page.evaluate('document.getAnimations().length');
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
    const light = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const alive = await page.evaluate('document.getAnimations().length');
    await close();
    expect([background, moving, light, alive]).toEqual(['rgb(15, 19, 26)', 0, 'rgb(244, 245, 247)', 1]);
  }, 20_000);

  it('given names and codes that would be HTML, when they are shown, then they are text', async () => {
    const name = '<img src=x onerror="document.title=1"></script><script>document.title=2</script>';
    shop = await openShop('Express', new ShopVault([name]));
    const { page, complaints, close } = await open(shop.address);
    await letIn(page);
    const shown = await rowOf(page, '<img').locator('.name').textContent();
    const found = await page.locator('img').count();
    const title = await page.title();
    await close();
    expect([shown, found, title.startsWith('Secrets · ')]).toEqual([name, 0, true]);
    expect(complaints).toEqual(noComplaints);
  }, 20_000);

  it('given an app that ends, when six seconds have passed, then the page is grey and says since when, and an app at the same address brings it back', async () => {
    shop = await openShop();
    const { page, complaints, close } = await open(shop.address, { reducedMotion: 'reduce' }, (made) =>
      made.clock.install(),
    );
    await letIn(page);
    const { port } = new URL(shop.address);
    // Time is faked, what is on its way is not: the page has to have seen the end of the stream.
    const isStream = (request: { url(): string }): boolean => request.url().endsWith('/events');
    const ends = ['requestfinished', 'requestfailed'] as const;
    const ended = Promise.race(ends.map((event) => page.waitForEvent(event as 'requestfinished', isStream)));
    await shop.app.close();
    await ended;
    await page.clock.runFor(3_000);
    const early = await page.locator('#silence').isVisible();
    for (let turn = 0; turn < 5 && !(await page.locator('#silence').isVisible()); turn += 1)
      await page.clock.runFor(2_000);
    const late = await page.textContent('#silence');
    const filter = await page.evaluate("getComputedStyle(document.querySelector('.verdict')).filter");
    const told = await page.textContent('[aria-live=polite]');
    shop = await openShop('Express', new ShopVault(), Number(port));
    await page.clock.runFor(12_000);
    await page.waitForSelector('[data-phase=live]');
    await close();
    expect([early, filter, told]).toEqual([false, 'grayscale(1)', 'No answer. What is shown is old.']);
    expect(late).toMatch(/^No answer for [6-9] s\. What is shown is what was known at [\d:]{8}\.$/);
    expect(complaints).toEqual(noComplaints);
  }, 20_000);

  it('given a page that is hidden, when it is, then nothing is streamed to it, and when it is shown again, then it goes on', async () => {
    shop = await openShop();
    const { page, close } = await open(shop.address);
    await letIn(page);
    const show = (isHidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} }); document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await show(true);
    expect(await page.textContent('#live-text')).toBe('Waits while it is hidden');
    shop.source.rotate('SMTP');
    await shop.client.refresh();
    await show(false);
    await rowOf(page, 'SMTP').getByText('Rotated').waitFor();
    await page.waitForSelector('[data-phase=live]');
    await close();
  }, 20_000);

  it('given 5,000 secrets, when the page is opened and filtered, then it shows a hundred at a time, within a moment', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `SERVICE_${String(index).padStart(4, '0')}_PASSWORD`);
    shop = await openShop('Express', new ShopVault(names));
    const { page, complaints, close } = await open(shop.address);
    await letIn(page);
    expect(await page.locator('#secrets > tr').count()).toBe(100);
    expect(await page.textContent('#page-text')).toBe('1–100 of 5,010');
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await page.textContent('#page-text')).toBe('101–200 of 5,010');
    const from = performance.now();
    await page.fill('#filter', '_4242_');
    await rowOf(page, 'SERVICE_4242_PASSWORD').waitFor();
    const took = performance.now() - from;
    expect(await page.locator('#secrets > tr').count()).toBe(1);
    await close();
    expect(took).toBeLessThan(1_000);
    expect(complaints).toEqual(noComplaints);
  }, 30_000);
});
