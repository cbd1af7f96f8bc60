import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { canaries, seeded } from './canaries.js';
import { guarded, named } from './guarded-connection.js';
import { spellings } from './spellings.js';

const values = canaries(300, 3);

async function through(guard: { stream(): NodeJS.ReadWriteStream }, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const out: Buffer[] = [];
  const stream = guard.stream();
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  await pipeline(Readable.from(pieces), stream);
  return Buffer.concat(out);
}

describe('a stream through a guard', () => {
  it.each(spellings)('given values as $name, cut anywhere, also within characters, when they pass, then none gets out, and all else does', async ({ write, core }) => {
    const { guard, runtime } = await guarded(named(values));
    const random = seeded(11);
    for (const [index, value] of values.entries()) {
      const text = `an é before ${write(value, '', '')} 🎉 behind\n`;
      const bytes = Buffer.from(text);
      const cuts = Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * bytes.length));
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      const passed = (await through(guard, pieces)).toString();
      const told = { index, value, passed, pieces: pieces.map(String) };
      expect({ ...told, ok: !passed.includes(core ? core(value, '') : write(value, '', '')) }).toEqual({ ...told, ok: true });
      expect(passed).toMatch(new RegExp(`^an é before .*\\[secret S${index}\\].* 🎉 behind\n$`, 's'));
    }
    await runtime.shutdown();
  }); // prettier-ignore

  it('given bytes that are not text, when they pass in pieces, then they are the same', async () => {
    const { guard, runtime } = await guarded(named(values));
    const random = seeded(2);
    const bytes = Buffer.from(Array.from({ length: 100_000 }, () => Math.floor(random() * 256)));
    const pieces = Array.from({ length: 100 }, (_, i) => bytes.subarray(i * 1000, (i + 1) * 1000));
    expect((await through(guard, pieces)).equals(bytes)).toBe(true);
    await runtime.shutdown();
  });

  it('given a text that repeats the beginning of a value without end, when it passes, then what is held back stays short', async () => {
    const { guard, runtime } = await guarded({ KEY: 'aaaaaaaaaaaaaaaaaaaab' });
    const stream = guard.stream();
    let out = 0;
    stream.on('data', (chunk: Buffer) => (out += chunk.length));
    for (let i = 0; i < 1000; i += 1) stream.write('aaaaaaaaaa');
    await new Promise((resolve) => setImmediate(resolve));
    expect(10_000 - out).toBeLessThan(250);
    const ended = once(stream, 'end');
    stream.end('b');
    await ended;
    expect(out).toBe(10_001 - 21 + '[secret KEY]'.length);
    await runtime.shutdown();
  });
});
