import { expect, test } from 'vitest'
import { printMessage } from '../src/playground/print-thread.ts'
import { startWorld, until, type World } from './support/start-bot.ts'

const files = {
  'web/Dockerfile': 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n',
  'web/.dockerignore': '.git\nnode_modules\n',
  'web/package.json': '{}\n',
  'web/package-lock.json': '{}\n',
  'web/src/a.ts': 'a\n',
}

async function ask({ slack }: World, text: string): Promise<string> {
  await slack.command(text)
  await until(async () => slack.answers.length >= 2)
  const answer = slack.answers[1]
  return answer ? printMessage({ ts: '', ...answer }) : ''
}

test('/cache lint reads the repository and answers with the edit', async () => {
  await using world = await startWorld()
  world.github.commit({ files })
  const answer = await ask(world, 'lint acme/platform')
  expect(answer).toContain('1 finding in 1 Dockerfile and 0 workflows')
  expect(answer).toContain('web/Dockerfile:3')
  expect(answer).toContain('+COPY package.json package-lock.json ./')
})

test('of a branch, against the default branch', async () => {
  await using world = await startWorld()
  const chef =
    'FROM rust:1.90 AS p\nCOPY . .\nRUN cargo chef prepare\nFROM rust:1.90\nCOPY --from=p /recipe.json .\nRUN cargo chef cook\nCOPY . .\nRUN cargo build\n'
  world.github.commit({ files: { ...files, 'web/Dockerfile': chef } })
  world.github.commit({ branch: 'simple', files: { 'web/Dockerfile': 'FROM rust:1.90\nCOPY . .\nRUN cargo build\n' } })
  expect(await ask(world, 'lint acme/platform@simple')).toContain('The cargo-chef stages of the base branch are gone')
})

test('a branch that is not there is said', async () => {
  await using world = await startWorld()
  world.github.commit({ files })
  expect(await ask(world, 'lint acme/platform@nowhere')).toContain('there is nothing at nowhere of acme/platform')
})
