import { expect, test } from 'vitest'
import { diagnoseRun } from '../../src/diagnosis/run-diagnosis.ts'
import { detailBlocks } from '../../src/thread/details.ts'
import { jobsSharing } from '../../src/thread/wording.ts'
import { diskFull, explanation } from './examples.ts'

/** One job a letter: the same letter is the same cause. */
const run = (causes: string, base = 'build (') =>
  diagnoseRun(
    [...causes].map((letter, index) => ({
      id: index,
      name: `${base}${index}${base.endsWith('(') ? ')' : ''}`,
      url: `https://github.com/acme/web/actions/runs/901/job/${index}`,
      conclusion: 'failure',
      explanation: { ...explanation, diagnosis: { ...diskFull, id: `cause-${letter}` } },
    })),
    [],
  )

test.each([
  ['aa', 'Both failed legs, same cause'],
  ['aaa', 'All 3 failed legs, same cause'],
  ['abbb', '3 of 4 failed legs, same cause; told first because it hit most of them'],
  ['ab', '1 of 2 failed legs; told first because it came first'],
])('of the legs %s it says: %s', (causes, words) => {
  expect(jobsSharing(run(causes))?.mrkdwn).toBe(words)
})

test('jobs of their own are no legs, and of one job nothing is said', () => {
  expect(jobsSharing(run('aa', 'job-'))?.mrkdwn).toBe('Both failed jobs, same cause')
  expect(jobsSharing(run('a'))).toBeNull()
})

test('the other jobs stand by their causes', () => {
  const jobs = JSON.stringify(detailBlocks(run('abab'), []))
  expect(['build (2)', 'build (1)', 'build (3)'].map((name) => jobs.indexOf(name))).toEqual(
    ['build (2)', 'build (1)', 'build (3)'].map((name) => jobs.indexOf(name)).toSorted((a, b) => a - b),
  )
  expect(jobs).toContain('build (2): same cause')
})
