/**
 * How often a property is tried: `usual` times, or as many times more as `FUZZ_RUNS` says. Seeds are fixed for the usual
 * run, so that it fails for everybody or for nobody, and left to chance for a longer one:
 * `FUZZ_RUNS=50 npx vitest run test/fuzz --testTimeout 3600000`.
 */
export function runs(usual: number): { numRuns: number; seed?: number } {
  const times = Number(process.env.FUZZ_RUNS ?? 1)
  return times > 1 ? { numRuns: usual * times } : { numRuns: usual, seed: 20_261_122 }
}
