import { numberFrom } from './github-world.ts'

/** Where the local GitHub's API and its pages are. */
export type Addresses = { api: string; pages: string }

/** What every webhook of a repository carries beside its own object. */
export function surroundings(repository: string, at: Addresses) {
  const owner = ownerOf(repository)
  const url = `${at.api}/orgs/${owner}`
  const organization = {
    login: owner,
    id: numberFrom(owner),
    node_id: nodeId('O', numberFrom(owner)),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: avatar(owner, at),
    description: null,
  }
  return {
    repository: { ...repositoryPayload(repository, at), ...repositoryFigures(repository, at) },
    organization,
    sender: userPayload('robin-doe', 'User', at),
  }
}

/** `…_url` fields of a repository and what follows its API address in each. */
const repositoryUrls = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
} as const

/** The short form, as inside a run. */
export function repositoryPayload(repository: string, at: Addresses): Record<string, unknown> {
  const id = numberFrom(repository)
  const url = `${at.api}/repos/${repository}`
  return {
    id,
    node_id: nodeId('R', id),
    name: repository.split('/')[1],
    full_name: repository,
    private: true,
    owner: userPayload(ownerOf(repository), 'Organization', at),
    html_url: `${at.pages}/${repository}`,
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(Object.entries(repositoryUrls).map(([field, path]) => [field, url + path])),
  }
}

/** The long form, as of the repository itself. */
export function fullRepositoryPayload(repository: string, at: Addresses): Record<string, unknown> {
  const beyond = { has_discussions: false, network_count: 0, subscribers_count: 0, forks: 0 }
  return { ...repositoryPayload(repository, at), ...repositoryFigures(repository, at), ...beyond }
}

/** What a webhook says of a repository beyond the API's short form. */
function repositoryFigures(repository: string, at: Addresses): Record<string, unknown> {
  const page = `${at.pages}/${repository}`
  const none = {
    forks: 0,
    forks_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
  }
  const has = { has_downloads: true, has_issues: true, has_pages: false, has_projects: true, has_wiki: true }
  return {
    ...none,
    ...has,
    size: 2_048,
    default_branch: 'main',
    language: 'TypeScript',
    visibility: 'private',
    topics: [],
    homepage: null,
    license: null,
    mirror_url: null,
    archived: false,
    disabled: false,
    clone_url: `${page}.git`,
    svn_url: page,
    git_url: `git:${page.replace(/^https?:/, '')}.git`,
    ssh_url: `git@${new URL(at.pages).hostname}:${repository}.git`,
    created_at: '2024-03-01T08:00:00Z',
    updated_at: '2024-03-01T08:00:00Z',
    pushed_at: '2024-03-01T08:00:00Z',
  }
}

export function userPayload(login: string, type: 'User' | 'Organization', at: Addresses): Record<string, unknown> {
  // An App's login has brackets: `layerwise[bot]`.
  const name = encodeURIComponent(login)
  const url = `${at.api}/users/${name}`
  return {
    login,
    id: numberFrom(login),
    node_id: nodeId(type === 'User' ? 'U' : 'O', numberFrom(login)),
    avatar_url: avatar(login, at),
    gravatar_id: '',
    url,
    html_url: `${at.pages}/${name}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  }
}

function ownerOf(repository: string): string {
  return repository.split('/')[0] ?? repository
}

function avatar(login: string, at: Addresses): string {
  return `${at.pages}/avatars/${numberFrom(login)}`
}

/** GitHub's opaque node id. */
export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`
}
