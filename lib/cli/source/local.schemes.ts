import { directorySource } from '../../sources/directory/index.js';
import { envSource } from '../../sources/env/index.js';
import type { FileSourceOptions } from '../../sources/file/index.js';
import { fileSource } from '../../sources/file/index.js';
import { DIRECTORY, ENV, FILE } from './parameters.js';
import type { OpenSource } from './source-scheme.js';

/** `env:PREFIX` */
export const openEnv: OpenSource = (spec) => {
  const options = spec.parameters(ENV);
  return envSource({ ...(spec.place !== '' && { prefix: spec.place }), ...options });
};

/** `file:PATH` of a `.env`, `.json` or `.yaml` file, or of any with `?format=…`. */
export const openFile: OpenSource = (spec) => {
  const options = spec.parameters(FILE);
  if (spec.place === '') throw spec.error('needs the path of a file, as in file:./prod.env.');
  return fileSource(spec.place, options as FileSourceOptions); // which checks the format
};

/** `dir:PATH` */
export const openDirectory: OpenSource = (spec) => {
  const options = spec.parameters(DIRECTORY);
  if (spec.place === '') throw spec.error('needs the path of a folder, as in dir:/run/secrets.');
  return directorySource(spec.place, options);
};
