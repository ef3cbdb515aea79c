import { answer } from '../workflow/action-build.ts'
import { readBuilderCall } from '../workflow/builder-call.ts'
import { legsOf, lookupIn } from '../workflow/expand.ts'
import { evaluateCondition, type Lookup, resolveText } from '../workflow/expression.ts'
import { readCommands } from '../workflow/shell.ts'
import type { ImageBuild, Workflow } from '../workflow/workflow.ts'
import { child, entriesOf, readYamlSource, type YamlNode } from '../workflow/yaml-source.ts'

/**
 * Does `true` in this input turn a build's cache off, and `false` leave it on? Expressions are worked out for both, so
 * `!inputs.use-cache` is told from `inputs.no-cache`. Of a script's own logic only this is asked: that it looks at
 * the input and has a `--no-cache`.
 */
export function followsInput(workflow: Workflow, input: string): boolean {
  const [on, off] = [worldOf(workflow, input, true), worldOf(workflow, input, false)]
  return (
    workflow.builds.some((build) => buildFollows(workflow, build, input, { on, off })) ||
    handsOn(readYamlSource(workflow.text, workflow.file).root, { on, off })
  )
}

type Worlds = { on: Lookup; off: Lookup }

/** What is known of a run that somebody starts by hand with this input: boolean ones that are not given have their default. */
function worldOf({ triggers }: Workflow, input: string, given: boolean): Lookup {
  const booleans = (triggers.dispatch ?? []).filter(({ type }) => type === 'boolean')
  const values = new Map(booleans.map((each) => [each.name.toLowerCase(), each.default === 'true']))
  values.set(input.toLowerCase(), given)
  return (path) => {
    const [head, ...rest] = path.map((part) => part.toLowerCase())
    if (head === 'inputs' && rest.length === 1) return values.get(rest[0] ?? '')
    if (head !== 'github') return undefined
    if (rest.join('.') === 'event_name') return 'workflow_dispatch'
    const [event, inputs, name = ''] = rest
    // the event holds inputs as text
    return event === 'event' && inputs === 'inputs' ? values.get(name)?.toString() : undefined
  }
}

function buildFollows(workflow: Workflow, build: ImageBuild, input: string, worlds: Worlds): boolean {
  const step = workflow.jobs.find(({ id }) => id === build.job)?.steps[build.step.index]
  if (!step) return false
  return legsOf(build).some((leg) => {
    const inLeg = (world: Lookup) => lookupIn(build, leg, world)
    const [on, off] = [inLeg(worlds.on), inLeg(worlds.off)]
    if (mayRun(build, on) === false) return false
    const isOff = step.script === null ? actionIsOff(step.with) : scriptIsOff(step.script)
    if (isOff(on) && (!isOff(off) || mayRun(build, off) === false)) return true
    return step.script !== null && looksAt(step.script, build, input, { on, off })
  })
}

function mayRun(build: ImageBuild, lookup: Lookup): boolean | undefined {
  return build.if === null ? true : evaluateCondition(build.if, lookup)
}

function actionIsOff(inputs: Record<string, string>): (lookup: Lookup) => boolean {
  return (lookup) =>
    answer(resolveText(inputs['no-cache'] ?? '', lookup)) === 'yes' ||
    /\.no-cache=true$/m.test(resolveText(inputs.set ?? '', lookup))
}

function scriptIsOff(script: string): (lookup: Lookup) => boolean {
  return (lookup) =>
    readCommands(resolveText(script, lookup)).some((command) =>
      readBuilderCall(command)?.options.some(({ name, value }) => name === 'no-cache' && (value ?? 'true') === 'true'),
    )
}

/** A shell decides: `if [ "$CLEAN" = true ]; then flags=--no-cache; fi`. An input that asks for the cache is none. */
function looksAt(script: string, { env }: ImageBuild, input: string, { on, off }: Worlds): boolean {
  const code = script.replace(/^[ \t]*#.*$/gm, '')
  if (!code.includes('--no-cache') || /^(?:(?:use|with|enable|keep|allow)[-_]?)?cach(?:e|ing)$/i.test(input))
    return false
  const differs = (text: string) => resolveText(text, on) !== resolveText(text, off)
  const variables = Object.keys(env).filter((name) => differs(env[name] ?? ''))
  return differs(code) || variables.some((name) => code.includes(`$${name}`) || code.includes(`\${${name}`))
}

/** `NO_CACHE: ${{ inputs.clean }}` in some `env`, or `no-cache:` for a workflow that is called. */
function handsOn(root: YamlNode | null, { on, off }: Worlds): boolean {
  const handed = (node: YamlNode | null): boolean => {
    if (node?.kind === 'list') return node.items.some(handed)
    return entriesOf(node).some(({ key, value }) => {
      if (value?.kind !== 'scalar') return handed(value)
      if (!/no[-_]?cache$/i.test(key) || !value.text.includes('${{')) return false
      const [yes, no] = [resolveText(value.text, on), resolveText(value.text, off)]
      return yes !== no && !yes.includes('${{') && !['', 'false', '0'].includes(yes)
    })
  }
  return handed(child(root, 'jobs')) || handed(child(root, 'env'))
}
