import { compiledApp, observed } from './support/apps.js';
import { builtByNest, bundledByEsbuild, oneFileByEsbuild } from './support/builds.js';
import { installedByPnpm, installedByYarn } from './support/package-managers.js';
import { rowsIn, testRows } from './support/rows.js';
import { testFrozenFunctions } from './support/serverless.js';
import { testPrograms } from './support/works-with.js';

const project = await compiledApp(
  'works-with-12',
  ['rows', 'works-with', 'serverless', 'app.ts', 'main.ts'],
  'typescript',
);

testRows('the packed tarball in Nest 12, of ES modules', await rowsIn(project));
testPrograms('the packed tarball with libraries around Nest 12', project);

testFrozenFunctions('a function with Nest 12, frozen and thawed', {
  esbuild: await oneFileByEsbuild(project, 'dist/serverless/handler.js', 'esm'),
});

describe('the packed tarball in builds of Nest 12', () => {
  it('given nest build with swc, when the app runs, then every place shows its secret', async () => {
    expect(await builtByNest(project, 'swc')).toEqual(observed);
  });

  it.each([[[]], [['--minify']]])(
    'given esbuild with %j, when the bundle runs, then every place shows its secret',
    async (flags) => expect(await bundledByEsbuild(project, 'esm', flags)).toEqual(observed),
  );
});

describe('the packed tarball, installed by others than npm', () => {
  it('given pnpm, when the app runs, then every place shows its secret', async () => {
    expect(await installedByPnpm(project)).toEqual(observed);
  });

  it('given Yarn and Plug’n’Play, when the app runs, then every place shows its secret', async () => {
    expect(await installedByYarn(project)).toEqual(observed);
  });
});
