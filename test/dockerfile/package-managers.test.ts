import fc from 'fast-check'
import { expect, test } from 'vitest'
import { installsDependencies, isManifest } from '../../src/dockerfile/package-managers.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

test.each([
  ['npm ci', 'npm'],
  ['A=1 npm --prefix web ci --omit=dev 2>&1 | tee log', 'npm'],
  ['--mount=type=cache,target=/root/.npm npm install', 'npm'],
  ['["npm", "ci"]', 'npm'],
  ['["sh", "-c", "cd web && npm ci"]', 'npm'],
  ['bash -lc "cd x; npm i"', 'npm'],
  ['<<EOF\nset -e\nnpm ci \\\n  --omit=dev\nEOF', 'npm'],
  ['sudo -E npm ci # all of them', 'npm'],
  ['if [ -f yarn.lock ]; then yarn --frozen-lockfile; else npm ci; fi', 'yarn'],
  ['yarn', 'yarn'],
  ['cd web && yarn install --frozen-lockfile --network-timeout 5000 && yarn build', 'yarn'],
  ['corepack enable && pnpm install --frozen-lockfile', 'pnpm'],
  ['pnpm fetch --prod', 'pnpm'],
  ['bun install', 'bun'],
  ['pip install --no-cache-dir -r requirements.txt', 'pip'],
  ['python3 -m pip install -rreq.txt', 'pip'],
  ['pip install -e ".[dev]"', 'pip (project)'],
  ['pip install .', 'pip (project)'],
  ['poetry install --no-root', 'poetry'],
  ['uv sync --frozen', 'uv'],
  ['uv pip install -r requirements.txt', 'uv'],
  ['pipenv install --deploy', 'pipenv'],
  ['cargo fetch --locked', 'cargo'],
  ['cargo chef cook --release --recipe-path recipe.json', 'cargo-chef'],
  ['go mod download && go mod verify', 'go'],
  ['composer install --no-dev', 'composer'],
  ['bundle install --jobs 4', 'bundler'],
  ['./mvnw -B dependency:go-offline', 'maven'],
  ['gradle dependencies --no-daemon', 'gradle'],
  ['dotnet restore ./x.csproj', 'dotnet'],
])('RUN %s installs with %s', (run, expected) => {
  expect(manager(run)).toBe(expected)
})

test.each(
  `npm run build;npm install -g x;npm install express;npm --version;echo npm ci;yarn build;yarn add x;pnpm add -g x;bun run x
pip install flask;pip install --upgrade pip;pipenv install flask;apt-get install -y curl;go build;cargo build --release
cargo chef prepare;bundle exec rake;mvn package;gradle build;dotnet publish;make`.split(/[;\n]/),
)('RUN %s installs no dependencies', (run) => {
  expect(manager(run)).toBeNull()
})

test.each([
  ['web/package.json', ['npm', 'yarn', 'pnpm', 'bun']],
  ['requirements-dev.txt', ['pip', 'uv']],
  ['src/App.csproj', ['dotnet']],
  ['Cargo.lock', ['cargo-chef', 'cargo']],
  ['src/index.ts', []],
])('%s is a manifest of %j', (path, managers) => {
  expect(isManifest(path).map(({ name }) => name)).toEqual(managers)
})

test('no command makes it fail', () => {
  fc.assert(fc.property(fc.string(), (run) => void manager(run)))
})

function manager(run: string): string | null {
  const found = readDockerfile(`FROM a\nRUN ${run}\n`, 'Dockerfile').stages[0]?.instructions[1]
  const one = found ? installsDependencies(found) : null
  return one && `${one.name}${one.project ? ' (project)' : ''}`
}
