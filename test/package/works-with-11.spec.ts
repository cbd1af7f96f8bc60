import { compiledApp, observed } from './support/apps.js';
import { builtByNest, bundledByEsbuild, functionByWebpack, oneFileByEsbuild } from './support/builds.js';
import { rowsIn, testRows } from './support/rows.js';
import { testFrozenFunctions } from './support/serverless.js';
import { testPrograms } from './support/works-with.js';

const project = await compiledApp(
  'works-with-11',
  ['rows', 'works-with', 'serverless', 'app.ts', 'main.ts'],
  'typescript',
);

testRows('the packed tarball in Nest 11, of CommonJS', await rowsIn(project));
testPrograms('the packed tarball with libraries around Nest 11', project);

testFrozenFunctions('a function with Nest 11, frozen and thawed', {
  esbuild: await oneFileByEsbuild(project, 'dist/serverless/handler.js', 'cjs'),
  webpack: await functionByWebpack(project),
});

describe('the packed tarball in builds of Nest 11', () => {
  it.each(['swc', 'webpack'] as const)(
    'given nest build with %s, when the app runs, then every place shows its secret',
    async (builder) => expect(await builtByNest(project, builder)).toEqual(observed),
  );

  it.each([[[]], [['--minify']]])(
    'given esbuild with %j, when the bundle runs, then every place shows its secret',
    async (flags) => expect(await bundledByEsbuild(project, 'cjs', flags)).toEqual(observed),
  );
});
