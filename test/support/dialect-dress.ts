/**
 * What CI systems put around a build's output: one output, told as the log of a job elsewhere. Wordings and shapes after
 * the systems' own sources and manuals; times, names and ids are made up.
 */
export type Dressed = { name: string; wrap: Wrap }
type Wrap = (lines: string[], job: { command: string; failed: boolean }) => string[]

const esc = '\u001b'
const bell = '\u0007'

/** Times that go up by 10 ms a line; `format` gets milliseconds since the epoch. */
function stamped(lines: string[], format: (at: number) => string): string[] {
  return lines.map((line, index) => format(1_714_564_800_000 + index * 10) + line)
}

const iso = (at: number) => new Date(at).toISOString()
const clock = (at: number) => iso(at).slice(11, 19)

/** The runner ends a line at each carriage return (log-formats §2.4), so a progress bar becomes lines of its own. */
const atCarriageReturns = (lines: string[]) =>
  lines.flatMap((line) => {
    const pieces = line.split('\r')
    return pieces.at(-1) === '' ? pieces.slice(0, -1) : pieces
  })

/** A `run:` or `uses:` step of a job, its output after its header. */
export function githubStep(command: string, lines: string[], exitCode = 0): string[] {
  const header = command.includes('@')
    ? [`##[group]Run ${command}`, 'with:', '  max_attempts: 2', '##[endgroup]']
    : [`##[group]Run ${command}`, `${esc}[36;1m${command}${esc}[0m`, 'shell: /usr/bin/bash -e {0}', '##[endgroup]']
  const failure = exitCode === 0 ? [] : [`##[error]Process completed with exit code ${exitCode}.`]
  return [...header, ...atCarriageReturns(lines), ...failure]
}

/** A job's log with the runner's times, byte-order mark and last words. */
export function githubLog(lines: string[]): string[] {
  return stamped(
    [...lines, 'Post job cleanup.', 'Cleaning up orphan processes'],
    (at) => `${iso(at).slice(0, -1)}1234Z `,
  ).map((line, index) => (index === 0 ? `\ufeff${line}` : line))
}

const githubJob: Wrap = (lines, { command, failed }) => githubLog(githubStep(command, lines, failed ? 1 : 0))

function gitlabJob(lines: string[], { command, failed }: { command: string; failed: boolean }): string[] {
  return [
    `${esc}[0KRunning with gitlab-runner 17.4.0 (b92ee590)${esc}[0;m`,
    `section_start:1714564800:step_script\r${esc}[0K${esc}[0K${esc}[36;1mExecuting "step_script" stage of the job script${esc}[0;m${esc}[0;m`,
    `${esc}[32;1m$ ${command}${esc}[0;m`,
    ...lines,
    `section_end:1714564809:step_script\r${esc}[0K`,
    ...(failed
      ? [`${esc}[31;1mERROR: Job failed: exit code 1`, `${esc}[0;m`]
      : [`${esc}[32;1mJob succeeded${esc}[0;m`]),
  ]
}

export const dresses: Dressed[] = [
  { name: 'GitHub Actions', wrap: githubJob },
  {
    name: 'gh run view --log',
    wrap: (lines, job) => githubJob(lines, job).map((line) => `build\tBuild the image\t${line}`),
  },
  { name: 'GitLab', wrap: gitlabJob },
  {
    name: 'GitLab with timestamps',
    wrap: (lines, job) =>
      stamped(gitlabJob(lines, job), (at) => `${iso(at).slice(0, -1)}000Z 01${at % 20 === 0 ? 'O' : 'E'} `),
  },
  {
    name: 'Jenkins',
    wrap: (lines, { command, failed }) => [
      'Started by user octocat',
      '[Pipeline] stage',
      '[Pipeline] { (Build)',
      '[Pipeline] sh',
      `+ ${command}`,
      ...lines,
      '[Pipeline] }',
      '[Pipeline] // stage',
      '[Pipeline] End of Pipeline',
      ...(failed ? ['ERROR: script returned exit code 1', 'Finished: FAILURE'] : ['Finished: SUCCESS']),
    ],
  },
  {
    name: 'Jenkins with ISO timestamps',
    wrap: (lines, { command }) => stamped(['[Pipeline] sh', `+ ${command}`, ...lines], (at) => `[${iso(at)}] `),
  },
  {
    name: 'Jenkins with clock times',
    wrap: (lines, { command }) => stamped(['[Pipeline] sh', `+ ${command}`, ...lines], (at) => `${clock(at)}  `),
  },
  {
    name: 'a parallel branch of Jenkins',
    wrap: (lines, { command }) => [
      '[Pipeline] sh',
      ...[`+ ${command}`, ...lines].map((line) => `[build-image] ${line}`),
    ],
  },
  {
    name: 'Azure DevOps',
    wrap: (lines, { command, failed }) =>
      stamped(
        [
          '##[section]Starting: Build the image',
          '==============================================================================',
          'Task         : Docker',
          '==============================================================================',
          `##[command]/usr/bin/${command}`,
          ...atCarriageReturns(lines),
          ...(failed ? ["##[error]The process '/usr/bin/docker' failed with exit code 1"] : []),
          '##[section]Finishing: Build the image',
        ],
        (at) => `${iso(at).slice(0, -1)}1234Z `,
      ),
  },
  {
    name: 'CircleCI',
    wrap: (lines, { command, failed }) => [
      '#!/bin/bash -eo pipefail',
      command,
      '',
      ...lines,
      ...(failed ? ['', 'Exited with code exit status 1'] : []),
    ],
  },
  {
    name: 'Buildkite',
    wrap: (lines, { command, failed }) =>
      [
        '~~~ Running commands',
        `${esc}[90m$${esc}[0m ${command}`,
        ...lines,
        ...(failed ? ['^^^ +++', `${esc}[31m🚨 Error: The command exited with status 1${esc}[0m`] : []),
      ].map((line, index) => `${esc}_bk;t=${1_714_564_800_000 + index * 10}${bell}${line}`),
  },
  {
    name: 'Bitbucket Pipelines',
    wrap: (lines, { command, failed }) => [
      'Runtime: cloud',
      `+ ${command}`,
      ...lines,
      '',
      'Build teardown script:',
      ...(failed ? ['Skipping cache "docker" for pipeline failure'] : []),
    ],
  },
  {
    name: 'Drone',
    wrap: (lines, { command }) => [`+ ${command}`, ...lines].map((line, index) => `[build-image:${index}] ${line}`),
  },
  {
    name: 'Woodpecker',
    wrap: (lines, { command }) =>
      [`+ ${command}`, ...lines].map((line, index) => `[build-image:L${index}:${Math.floor(index / 10)}s] ${line}`),
  },
  {
    name: 'Google Cloud Build',
    wrap: (lines, { failed }) => [
      'starting build "0a1b2c3d-1111-2222-3333-444455556666"',
      '',
      'FETCHSOURCE',
      'BUILD',
      'Starting Step #0 - "build"',
      'Step #0 - "build": Already have image (with digest): gcr.io/cloud-builders/docker',
      ...lines.map((line) => `Step #0 - "build": ${line}`),
      'Finished Step #0 - "build"',
      ...(failed
        ? ['ERROR', 'ERROR: build step 0 "gcr.io/cloud-builders/docker" failed: step exited with non-zero status: 1']
        : ['PUSH', 'DONE']),
    ],
  },
  {
    name: 'AWS CodeBuild',
    wrap: (lines, { command, failed }) => [
      '[Container] 2024/05/01 12:00:00.123456 Entering phase BUILD',
      `[Container] 2024/05/01 12:00:00.123789 Running command ${command}`,
      ...lines,
      '',
      ...(failed
        ? [
            `[Container] 2024/05/01 12:00:09.123456 Command did not exit successfully ${command} exit status 1`,
            '[Container] 2024/05/01 12:00:09.123789 Phase complete: BUILD State: FAILED',
          ]
        : ['[Container] 2024/05/01 12:00:09.123789 Phase complete: BUILD State: SUCCEEDED']),
    ],
  },
  {
    name: 'Travis',
    wrap: (lines, { command, failed }) => [
      `travis_time:start:0a1b2c3d\r${esc}[0K$ ${command}`,
      ...lines,
      `travis_time:end:0a1b2c3d:start=1714564800000000000,finish=1714564809000000000,duration=9000000000\r${esc}[0K`,
      `${esc}[${failed ? 31 : 32};1mThe command "${command}" exited with ${failed ? 1 : 0}.${esc}[0m`,
    ],
  },
  {
    name: 'TeamCity',
    wrap: (lines) => stamped(lines, (at) => `[${clock(at)}]${at % 20 === 0 ? 'W' : ' '}:\t [Step 2/3] `),
  },
  { name: 'a quoted paste', wrap: (lines) => lines.map((line) => `    ${line}`) },
  { name: 'PowerShell', wrap: (lines) => lines.map((line) => `${line}\r`) },
]
