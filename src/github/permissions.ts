/** What a GitHub App, or a fine-grained token, is asked for. */
export type AppPermission =
  | 'Actions: read'
  | 'Actions: write'
  | 'Checks: write'
  | 'Contents: read'
  | 'Metadata: read'
  | 'Pull requests: read'

export type Needed =
  | AppPermission
  /** anybody may, or the App itself with its own key */
  | 'none'
  /** part of the device flow: with the client id, or with the token that a person gives us for one question */
  | 'none: device login'
  /** scopes of the token in GITHUB_PACKAGES_TOKEN; GitHub lets no App and no fine-grained token do this */
  | 'classic token: read:packages'
  | 'classic token: delete:packages'

const repo = '/repos/{owner}/{repo}'
const versions = 'packages/{package_type}/{package_name}/versions'

/** Every address of GitHub's API that we use, and what it takes. https://docs.github.com/rest/authentication/permissions-required-for-github-apps */
export const permissions: Readonly<Record<string, Needed>> = {
  [`GET ${repo}`]: 'Metadata: read',
  [`GET ${repo}/installation`]: 'none',
  'POST /app/installations/{installation_id}/access_tokens': 'none',

  [`GET ${repo}/actions/runs`]: 'Actions: read',
  [`GET ${repo}/actions/runs/{run_id}`]: 'Actions: read',
  [`GET ${repo}/actions/runs/{run_id}/attempts/{attempt_number}`]: 'Actions: read',
  [`GET ${repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs`]: 'Actions: read',
  [`GET ${repo}/actions/runs/{run_id}/artifacts`]: 'Actions: read',
  [`GET ${repo}/actions/artifacts/{artifact_id}/zip`]: 'Actions: read',
  [`GET ${repo}/actions/jobs/{job_id}`]: 'Actions: read',
  [`GET ${repo}/actions/jobs/{job_id}/logs`]: 'Actions: read',
  [`GET ${repo}/actions/workflows/{workflow_id}/runs`]: 'Actions: read',
  [`GET ${repo}/actions/caches`]: 'Actions: read',
  [`GET ${repo}/actions/cache/usage`]: 'Actions: read',

  [`POST ${repo}/actions/runs/{run_id}/rerun-failed-jobs`]: 'Actions: write',
  [`POST ${repo}/actions/jobs/{job_id}/rerun`]: 'Actions: write',
  [`POST ${repo}/actions/workflows/{workflow_id}/dispatches`]: 'Actions: write',
  [`DELETE ${repo}/actions/caches/{cache_id}`]: 'Actions: write',

  [`GET ${repo}/compare/{basehead}`]: 'Contents: read',
  [`GET ${repo}/contents/{path}`]: 'Contents: read',
  [`GET ${repo}/git/trees/{tree_sha}`]: 'Contents: read',

  [`GET ${repo}/pulls`]: 'Pull requests: read',
  [`GET ${repo}/pulls/{pull_number}`]: 'Pull requests: read',
  [`GET ${repo}/pulls/{pull_number}/files`]: 'Pull requests: read',

  [`GET ${repo}/commits/{ref}/check-runs`]: 'Checks: write',
  [`GET ${repo}/check-runs/{check_run_id}/annotations`]: 'Checks: write',
  [`POST ${repo}/check-runs`]: 'Checks: write',
  [`PATCH ${repo}/check-runs/{check_run_id}`]: 'Checks: write',

  [`GET ${repo}/collaborators/{username}/permission`]: 'Metadata: read',
  'GET /user/{account_id}': 'none',
  'GET /user': 'none: device login',
  'POST /login/device/code': 'none: device login',
  'POST /login/oauth/access_token': 'none: device login',

  'GET /users/{username}': 'none',
  'GET /orgs/{org}/packages/{package_type}/{package_name}': 'classic token: read:packages',
  'GET /users/{username}/packages/{package_type}/{package_name}': 'classic token: read:packages',
  [`GET /orgs/{org}/${versions}`]: 'classic token: read:packages',
  [`GET /users/{username}/${versions}`]: 'classic token: read:packages',
  [`GET /orgs/{org}/${versions}/{package_version_id}`]: 'classic token: read:packages',
  [`GET /users/{username}/${versions}/{package_version_id}`]: 'classic token: read:packages',
  [`DELETE /orgs/{org}/${versions}/{package_version_id}`]: 'classic token: delete:packages',
  [`DELETE /users/{username}/${versions}/{package_version_id}`]: 'classic token: delete:packages',
}

/** All that an App has to ask for: the least with which everything works. */
export function appPermissions(): Record<string, 'read' | 'write'> {
  const all: Record<string, 'read' | 'write'> = {}
  for (const needed of Object.values(permissions)) {
    const [, name, level] = /^([A-Z][a-z ]+): (read|write)$/.exec(needed) ?? []
    if (name && all[name] !== 'write') all[name] = level === 'write' ? 'write' : 'read'
  }
  return all
}
