import { FieldPath } from '../../lib/core/secret/field-path.js';

describe('the cache of field paths', () => {
  it('given paths that a program makes up, when parsed, then what is kept of them is bounded in bytes', () => {
    const first = FieldPath.parse('values.password');
    const segment = 'x'.repeat(10_000);
    const kept = Array.from({ length: 2_000 }, (_, index) => `${segment}.${index}`).filter(
      (text) => FieldPath.parse(text) === FieldPath.parse(text),
    );
    expect(kept.join('').length).toBeLessThan(1024 * 1024);
    expect(kept.length).toBeGreaterThan(0);
    expect(FieldPath.parse(`${segment}.1999`)).not.toBe(FieldPath.parse(`${segment}.1999`));
    expect(FieldPath.parse('values.password')).toBe(first);
    expect(FieldPath.parse('made.up.later').resolve({ made: { up: { later: 1 } } })).toBe(1);
  });
});
