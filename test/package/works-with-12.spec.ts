import { compiledApp } from './support/apps.js';
import { rowsIn, testRows } from './support/rows.js';
import { testPrograms } from './support/works-with.js';

const project = await compiledApp('works-with-12', ['rows', 'works-with']);

testRows('the packed tarball in Nest 12, of ES modules', await rowsIn(project));
testPrograms('the packed tarball with libraries around Nest 12', project);
