/** For backends that take any name. */
export const ODD_NAMES = [
  'with space',
  'ключ',
  '🔑',
  'a/b',
  'a/../b',
  '..',
  '.',
  '100%',
  '%2e%2e',
  'a#b',
  'a?b=c',
  'a.b',
  'a=b',
  '"a"',
  'a\\b',
  '*',
  '__proto__',
  'constructor',
];

/** Those of them that can be files. */
export const ODD_FILE_NAMES = ODD_NAMES.filter((name) => !name.includes('/') && !name.startsWith('.'));
