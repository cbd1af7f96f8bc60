import { resolve } from 'node:path';
import { readText } from './pem-files.js';

/** A named part of a kubeconfig, and the folder of its file: relative paths begin there. */
export interface Section {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly folder: string;
  /** The file, for errors. */
  readonly path: string;
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** A PEM that stands in a section, in Base64, or in a file that it names; undefined where there is none. Throws SecretErrors. */
export function pemOf({ fields, folder }: Section, field: string): string | undefined {
  const data = fields[`${field}-data`];
  if (isText(data)) return Buffer.from(data, 'base64').toString('utf8');
  const path = fields[field];
  return isText(path) ? readText(resolve(folder, path), field) : undefined;
}
