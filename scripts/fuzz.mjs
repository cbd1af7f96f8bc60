// `npm run fuzz`: ten times as many scenarios as the suite plays. FUZZ_SEED, FUZZ_RUNS, FUZZ_OPS and FUZZ_SHRINKS choose others; a seed that was told
// plays the same scenario again. FUZZ_FILES: how many damaged files of the disk cache are read.
process.env.FUZZ_RUNS ??= '3000';
process.env.FUZZ_FILES ??= '100000';
process.argv.push('--selectProjects', 'source', '--testPathPatterns', 'test/fuzz/');
await import('./test.mjs');
