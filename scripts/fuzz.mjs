// `npm run fuzz`: ten times as many scenarios as the suite plays. FUZZ_SEED, FUZZ_RUNS, FUZZ_OPS and FUZZ_SHRINKS choose others; a seed that was told
// plays the same scenario again.
process.env.FUZZ_RUNS ??= '3000';
process.argv.push('--selectProjects', 'source', '--testPathPatterns', 'test/fuzz/');
await import('./test.mjs');
