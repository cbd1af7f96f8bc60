import { cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { filesIn, root } from './packed.js';
import { run, runWell } from './run.js';

const shared = join(root, 'test/package/consumers/shared');

/** What the app that all consumers share prints, run from a file of a project. */
async function outputOf(file: string, cwd: string): Promise<unknown> {
  return JSON.parse(await runWell(process.execPath, [file], { cwd })) as unknown;
}

/** webpack looks for the file that an import names, and has to be told that `./app.js` is `./app.ts` here. */
const WEBPACK = `module.exports = (options) => ({
  ...options,
  resolve: { ...options.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
  output: { ...options.output, path: __dirname + '/dist-webpack' },
});`;

/** Builds the shared app by `nest build` of a consumer, and gives what it prints. */
export async function builtByNest(project: string, builder: 'swc' | 'webpack'): Promise<unknown> {
  const folder = `dist-${builder}`;
  await mkdir(join(project, 'src'), { recursive: true });
  for (const file of ['app.ts', 'main.ts']) await cp(join(shared, file), join(project, 'src', file));
  const extended = {
    extends: './tsconfig.json',
    compilerOptions: { outDir: folder, rootDir: 'src' },
    include: ['src'],
  };
  await writeFile(join(project, 'tsconfig.build.json'), JSON.stringify(extended));
  await writeFile(join(project, 'nest-cli.json'), JSON.stringify({ sourceRoot: 'src' }));
  await writeFile(join(project, 'webpack.config.js'), WEBPACK);
  const nest = join(project, 'node_modules/@nestjs/cli/bin/nest.js');
  // In CI the CLI asks nothing.
  const env = { CI: 'true', NO_COLOR: '1' };
  const { code, stdout, stderr } = await run(process.execPath, [nest, 'build', '-b', builder], { cwd: project, env });
  if (code !== 0) throw new Error(`nest build ended with ${code}\n${stdout}\n${stderr}`);
  const main = (await filesIn(join(project, folder))).find((file) => /(^|\/)main\.js$/.test(file));
  return outputOf(join(project, folder, main!), project);
}

/** Packages that Nest or we load if they are there: a bundler has to be told to leave them out. */
const LEFT_OUT = [
  '@nestjs/microservices',
  '@nestjs/websockets',
  '@nestjs/schedule',
  'class-validator',
  'class-transformer',
];

/** What CommonJS packages within a bundle of ES modules ask for, by names that no code of the bundle has. */
const BANNER = [
  `import { createRequire as $requireOf } from 'node:module'; import { fileURLToPath as $pathOf } from 'node:url';`,
  `const require = $requireOf(import.meta.url), __filename = $pathOf(import.meta.url), __dirname = $pathOf(new URL('.', import.meta.url));`,
].join(' ');

/** Makes one file of the app that the compiler emitted and all of its packages, and gives what it prints. */
export async function bundledByEsbuild(project: string, format: 'cjs' | 'esm', flags: string[] = []): Promise<unknown> {
  return outputOf(await oneFileByEsbuild(project, 'dist/main.js', format, flags), project);
}

/** One file of what the compiler emitted and all of its packages. */
export async function oneFileByEsbuild(
  project: string,
  entry: string,
  format: 'cjs' | 'esm',
  flags: string[] = [],
): Promise<string> {
  const bundle = `bundle-${basename(entry, '.js')}${flags.join('')}.${format === 'esm' ? 'mjs' : 'cjs'}`;
  const external = LEFT_OUT.flatMap((name) => [`--external:${name}`, `--external:${name}/*`]);
  const banner = format === 'esm' ? [`--banner:js=${BANNER}`] : [];
  const esbuild = [join(project, 'node_modules/esbuild/bin/esbuild'), entry, '--bundle', '--platform=node'];
  const output = [`--format=${format}`, `--outfile=${bundle}`, '--log-level=error'];
  await runWell(process.execPath, [...esbuild, ...output, ...external, ...banner, ...flags], { cwd: project });
  return join(project, bundle);
}

/** As Nest's page on serverless says: nothing stays outside, and what is loaded if it is there is not there. */
const WEBPACK_ONE_FILE = `module.exports = (options, webpack) => ({
  ...options,
  externals: [],
  plugins: [
    ...options.plugins,
    new webpack.IgnorePlugin({
      checkResource(name) {
        return ${JSON.stringify(LEFT_OUT)}.some((left) => name === left || name.startsWith(left + '/'));
      },
    }),
  ],
  resolve: { ...options.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
  output: { ...options.output, path: __dirname + '/dist-handler', libraryTarget: 'commonjs2' },
});`;

/** One file of the function that consumers share and all of its packages, by `nest build` with webpack. */
export async function functionByWebpack(project: string): Promise<string> {
  await mkdir(join(project, 'src-handler'), { recursive: true });
  await cp(join(shared, 'serverless/handler.ts'), join(project, 'src-handler/handler.ts'));
  const config = {
    sourceRoot: 'src-handler',
    entryFile: 'handler',
    compilerOptions: { webpackConfigPath: 'webpack.handler.js', tsConfigPath: 'tsconfig.handler.json' },
  };
  const compilerOptions = { outDir: 'dist-handler', rootDir: 'src-handler' };
  const extended = { extends: './tsconfig.json', compilerOptions, include: ['src-handler'] };
  await writeFile(join(project, 'nest-handler.json'), JSON.stringify(config));
  await writeFile(join(project, 'tsconfig.handler.json'), JSON.stringify(extended));
  await writeFile(join(project, 'webpack.handler.js'), WEBPACK_ONE_FILE);
  const nest = join(project, 'node_modules/@nestjs/cli/bin/nest.js');
  const flags = ['build', '-b', 'webpack', '-c', 'nest-handler.json'];
  await runWell(process.execPath, [nest, ...flags], { cwd: project, env: { CI: 'true', NO_COLOR: '1' } });
  return join(project, 'dist-handler/handler.js');
}
