/** A `.env` text of these values: in backticks, where nothing but a backtick has a meaning. */
export const envText = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=\`${String(value)}\`\n`)
    .join('');
