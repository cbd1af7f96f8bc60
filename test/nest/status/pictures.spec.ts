import { join } from 'node:path';
import { TOKEN } from './apps.js';
import { describeInChromium } from './chromium.js';
import { openShop } from './shop.js';

/** A folder for the pictures of docs/status-page.md: `STATUS_PICTURES=docs/images npm test -- --testPathPatterns=status/pictures`. */
const folder = process.env['STATUS_PICTURES'];

(folder === undefined ? describe.skip : describe)('pictures of the status page', () => {
  describeInChromium('in Chromium', (open) => {
    it('given the shop with one secret that is denied, when it is shown, then pictures are taken, light, dark and narrow', async () => {
      const { app, address, source, client } = await openShop();
      const { page, close } = await open(address, { viewport: { width: 1200, height: 980 }, reducedMotion: 'reduce' });
      await page.keyboard.type(TOKEN);
      await page.keyboard.press('Enter');
      await page.waitForSelector('[data-phase=live]');
      source.rotate('STRIPE_API_KEY');
      source.rotate('REDIS_PASSWORD');
      source.denied.add('SMTP');
      await client.refresh();
      await page.locator('[data-standing=failing] .name').click();
      await page.waitForTimeout(2_000);
      await page.evaluate("document.getElementById('replica').textContent = 'shop-7d9f6c5b8-x2k4q · pid 1'");
      const take = (name: string) => page.screenshot({ path: join(folder!, `${name}.png`) });
      await take('status-page');
      await page.emulateMedia({ colorScheme: 'dark' });
      await take('status-page-dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 360, height: 900 });
      await take('status-page-narrow');
      await close();
      await app.close();
    }, 30_000);
  });
});
