import { withBuilder } from './not-configured.ts'
import { type Finding, finding, isFresh, type Placed, type Scene } from './scene.ts'

/** `type=gha` where the builder cannot speak to GitHub's cache, or has no token for it. */
export function ghaNeedsDriver(scene: Scene): Finding[] {
  return scene.placed.flatMap((one) => {
    const { build } = one
    const option = [...build.cacheTo, ...build.cacheFrom].find(({ type }) => type === 'gha')
    if (!option) return []
    const script = !build.how.kind.endsWith('-action')
    if (script && build.source === scene.workflow.file && !hasToken(one, scene)) return [noToken(one, option.line)]
    return isFresh(one) && noDriver(one) && build.cacheTo.some(({ type }) => type === 'gha')
      ? [ownBuilder(one, option.line, scene)]
      : []
  })
}

/** Only actions are given it; a script has to be handed it. */
function hasToken({ job, build }: Placed, { workflow }: Scene): boolean {
  const steps = job?.steps.slice(0, build.step.index) ?? []
  const handed = steps.some(
    ({ uses }) =>
      uses !== null && (/ghaction-github-runtime|runtime-env|expose-.*runtime/i.test(uses) || uses.startsWith('./')),
  )
  // However it is handed on, it is by this name.
  return handed || /ACTIONS_RUNTIME_TOKEN|ghtoken/.test(workflow.text)
}

function noDriver({ build, job }: Placed): boolean {
  const containerd = job?.steps.some(({ script, with: inputs }) =>
    /containerd-snapshotter/.test(`${script} ${Object.values(inputs).join(' ')}`),
  )
  return (build.driver === null || build.driver === 'docker') && !containerd
}

function noToken(one: Placed, line: number): Finding {
  return finding(one, {
    ...{
      kind: 'gha-needs-driver',
      line,
      message: 'a script has no token for the GitHub cache, so this type=gha does nothing or fails',
    },
    why: 'GitHub hands ACTIONS_RUNTIME_TOKEN to actions only: use docker/build-push-action, or crazy-max/ghaction-github-runtime in a step before.',
    edit: null,
  })
}

function ownBuilder(one: Placed, line: number, { linesOf }: Scene): Finding {
  return finding(one, {
    ...{
      kind: 'gha-needs-driver',
      line,
      message: 'the builder of the Docker daemon cannot export to the GitHub cache',
    },
    why: 'Without docker/setup-buildx-action the build runs in the daemon, which knows inline caches only (unless it uses the containerd image store).',
    edit: one.build.driver === null ? withBuilder(one.written, linesOf(one.written.source), null) : null,
  })
}
