import { describe, expect, test } from 'vitest'
import { failingRun, greenRun, startWorld, type Thread, until, type World } from './support/start-bot.ts'

const withPictures = { config: { pictures: true } } as const

function pictures({ replies }: Pick<Thread, 'replies'>): { slack_file: { id: string }; alt_text: string }[] {
  return replies.flatMap(({ blocks = [] }) => blocks.filter(isImage))
}
function isImage(block: unknown): block is { slack_file: { id: string }; alt_text: string } {
  return typeof block === 'object' && block !== null && 'type' in block && block.type === 'image'
}
const uploads = ({ slack }: World) =>
  slack.calls.filter(({ method }) => method === 'files.completeUploadExternal').length
const gaveUp = ({ logged }: World) => logged.some(({ message }) => message === 'gave up showing a picture')

describe('the thread of a failed build', () => {
  test('has a picture of it, with words for those who do not see it', async () => {
    await using world = await startWorld(withPictures)
    await world.github.finishRun(failingRun('run-network-dns'))
    const thread = await world.thread((thread) => pictures(thread).length > 0)
    const [picture] = pictures(thread)
    expect(picture?.alt_text).toMatch(
      /^Waterfall of acme\/platform · build\. None of 6 steps came from the cache; .* failed/,
    )
    const png = world.slack.pictures.get(picture?.slack_file.id ?? '')
    expect(png?.subarray(1, 4).toString()).toBe('PNG')
    expect(thread.replies.at(-1)?.text).toMatch(/^Waterfall: None of 6 steps/)
  })

  test('has one only, which follows the attempts and stays when it is fixed', async () => {
    await using world = await startWorld(withPictures)
    const first = await world.github.finishRun(failingRun('run-network-dns'))
    const before = await world.thread((thread) => pictures(thread).length > 0)
    await world.github.finishRun(failingRun('run-oom-killed', { runId: first.runId }))
    const after = await world.thread(
      (thread) => pictures(thread)[0]?.slack_file.id !== pictures(before)[0]?.slack_file.id,
    )
    expect(pictures(after)).toHaveLength(1)
    expect(pictures(after)[0]?.alt_text).toContain('rendering chunks')
    await world.github.finishRun(greenRun({ runId: first.runId }))
    const fixed = await world.thread(({ parent }) => /Fixed/.test(parent.text))
    expect(pictures(fixed)).toEqual(pictures(after))
    expect(uploads(world)).toBe(2)
  })

  test('has none where too little was measured', async () => {
    await using world = await startWorld(withPictures)
    await world.github.finishRun(failingRun('base-rate-limited'))
    await world.thread(({ replies }) => replies.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(uploads(world)).toBe(0)
  })

  test('has none when pictures are switched off', async () => {
    await using world = await startWorld()
    await world.github.finishRun(failingRun('run-network-dns'))
    await world.thread(({ replies }) => replies.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(uploads(world)).toBe(0)
  })
})

describe('when Slack does not take the picture', () => {
  test('without the scope the words stand all the same, and the log says that it gave up', async () => {
    await using world = await startWorld({
      ...withPictures,
      slack: { withoutScopes: ['files:write'] },
      retry: { tries: 3, firstDelayMs: 10, maxDelayMs: 20 },
    })
    await world.github.finishRun(failingRun('run-network-dns'))
    await until(() => gaveUp(world))
    const thread = await world.thread(({ replies }) => replies.length > 0)
    expect(thread.parent.text).toMatch(/^Failed/)
    expect(thread.replies.map(({ text }) => text)).toEqual([expect.stringMatching(/^Details/)])
  })

  test.each([
    ['is asked to wait', { method: 'files.getUploadURLExternal', status: 429, retryAfter: 1 }],
    ['loses the bytes', { method: 'upload', status: 500 }],
    ['loses the last answer', { method: 'files.completeUploadExternal', lost: true }],
  ])('it comes later, once, when Slack %s', async (_, outage) => {
    await using world = await startWorld(withPictures)
    world.slack.failNext(outage)
    await world.github.finishRun(failingRun('run-network-dns'))
    const thread = await world.thread((thread) => pictures(thread).length > 0)
    expect(pictures(thread)).toHaveLength(1)
  })
})

test('an answer in a thread has the picture too, one to a person alone has not', async () => {
  await using world = await startWorld(withPictures)
  world.github.sendWebhooksTo(null)
  const run = await world.github.finishRun(failingRun('run-network-dns'))
  const { message } = await world.slack.mention(`why? ${run.url}`)
  const replies = () => world.slack.thread('builds', message.ts)
  await until(async () => pictures({ replies: await replies() }).length === 1)
  await world.slack.command(`debug ${run.url}`)
  await until(() => world.slack.answers.some(({ text }) => text.startsWith('Details')))
  const told = world.slack.answers.find(({ text }) => text.startsWith('Details'))
  expect(JSON.stringify(told?.blocks)).toContain('None of 6 steps came from the cache')
  expect(uploads(world)).toBe(1)
})
