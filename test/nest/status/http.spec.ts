import { FRAMEWORKS, framesOf, shownApp } from './apps.js';

describe.each(FRAMEWORKS)('a status page on %s', (framework) => {
  it('given an app with two secrets, when JSON is asked for, then it tells how they stand, and no value', async () => {
    const shown = await shownApp({ framework });
    const answer = await shown.ask();
    const text = await answer.text();
    await shown.app.close();
    expect([answer.status, text.includes('canary')]).toEqual([200, false]);
    expect(JSON.parse(text)).toMatchObject({
      replica: { pid: process.pid },
      verdict: { level: 'ok', headline: 'All 2 secrets are current.' },
      secrets: [
        { name: 'KEY', standing: 'current', version: '1' },
        { name: 'OTHER', standing: 'current', version: '1' },
      ],
    });
  });

  it('given somebody who watches, when the app is closed, then the stream ends and the app too, within a second', async () => {
    const shown = await shownApp({ framework });
    const frames = framesOf(await shown.ask('/secrets-status/events'));
    await frames.next();
    const from = performance.now();
    await shown.app.close();
    expect(performance.now() - from).toBeLessThan(1_000);
    for await (const { type } of frames) expect(type).toBe('changes');
  });
});
