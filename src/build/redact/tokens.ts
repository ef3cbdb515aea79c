/**
 * Secrets that are known by how they begin, in any surroundings. The shapes are those that the issuers document or that
 * gitleaks 8 (`config/gitleaks.toml`, July 2026) and TruffleHog 3.97 look for, with lengths taken generously: a token
 * that was cut is still part of a token.
 */
const shapes: RegExp[] = [
  // GitHub: classic, OAuth, user, server (since April 2026 `ghs_APPID_JWT`, 520 characters with dots), refresh, fine-grained
  /gh[opsur]_[A-Za-z0-9_]{16,}(?:[.-][A-Za-z0-9_-]{8,})*/,
  /github_pat_[A-Za-z0-9_]{16,}/,
  // GitLab: personal, deploy, runner, job, trigger, feed, mail, agent, SCIM, OAuth, feature flag; old runner registration
  /gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|oas|ffct)-[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]{2,})*/,
  /GR1348941[A-Za-z0-9_-]{20,}/,
  // Slack: tokens of all kinds, app tokens, webhooks; Discord's and Microsoft Teams' webhooks
  /xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}/,
  /xapp-[A-Za-z0-9-]{8,}/,
  /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/_-]{20,}/,
  /discord(?:app)?\.com\/api\/webhooks\/\d{5,}\/[A-Za-z0-9_-]{20,}/,
  /webhook\.office\.com\/webhookb2\/[A-Za-z0-9@/_-]{40,}/,
  // JSON in base64url or base64: JSON web tokens, registry credentials, kubeconfig certificates and keys
  /eyJ[A-Za-z0-9_+/=-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}/,
  /LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}/,
  // AWS: access keys with the secret that may follow, Bedrock
  /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?:["']?[\s:,;|/]{1,4}["']?[A-Za-z0-9+/]{40,})?/,
  /(?<![A-Za-z0-9])ABSK[A-Za-z0-9+/]{60,}={0,2}/,
  /bedrock-api-key-[A-Za-z0-9+/=]{20,}/,
  // Google: API keys, OAuth access and refresh tokens, client secrets
  /AIza[A-Za-z0-9_-]{30,}/,
  /(?<![A-Za-z0-9])ya29\.[A-Za-z0-9._-]{20,}/,
  /GOCSPX-[A-Za-z0-9_-]{20,}/,
  // Azure: client secrets, DevOps; Alibaba
  /[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,40}/,
  /(?<![A-Za-z0-9])LTAI[A-Za-z0-9]{20}/,
  // registries of packages and images: npm, PyPI, RubyGems, NuGet, crates.io, Clojars, Docker Hub, Artifactory
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,}/,
  /pypi-Ag[A-Za-z0-9_-]{30,}/,
  /rubygems_[a-f0-9]{40,}/,
  /(?<![A-Za-z0-9])oy2[a-z0-9]{43}/,
  /(?<![A-Za-z0-9])cio[A-Za-z0-9]{32}(?![A-Za-z0-9])/,
  /CLOJARS_[a-z0-9]{60}/,
  /dckr_[a-z]{2,5}_[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])AKCp[A-Za-z0-9]{60,}/,
  /(?<![A-Za-z0-9])cmVmd[A-Za-z0-9]{55,}/,
  // AI: Anthropic, OpenAI and whoever copies them (the digit keeps `sk-…` in words out), Hugging Face, Replicate, Groq, …
  /(?<![A-Za-z0-9])sk-(?=[A-Za-z_-]{0,80}\d)[A-Za-z0-9_-]{20,}/,
  /(?<![A-Za-z0-9])(?:hf_|api_org_|r8_|gsk_|xai-|pplx-|tvly-)[A-Za-z0-9]{20,}/,
  // Stripe, Square, SendGrid, Twilio, Mailgun, Mailchimp, Brevo, Shopify, Telegram
  /(?<![A-Za-z0-9])[rs]k_(?:live|test|prod)_[A-Za-z0-9]{10,}/,
  /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{20,}/,
  /(?<![A-Za-z0-9])sq0[a-z]{3}-[A-Za-z0-9_-]{20,}/,
  /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![0-9a-f])/,
  /(?<![A-Za-z0-9])key-[0-9a-f]{32}(?![0-9a-f])/,
  /(?<![A-Za-z0-9])[0-9a-f]{32}-us\d{1,2}(?!\d)/,
  /xkeysib-[a-f0-9]{40,}(?:-[A-Za-z0-9]+)?/,
  /shp[a-z]{2}_[A-Fa-f0-9]{32}/,
  /(?<![A-Za-z0-9])\d{8,10}:AA[A-Za-z0-9_-]{32,}/,
  // HashiCorp: Vault, Terraform; age, OpenShift, 1Password, Doppler, Pulumi
  /(?<![A-Za-z0-9])hv[sbr]\.[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9_.])[sbr]\.(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}(?![A-Za-z0-9])/,
  /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}/,
  /AGE-SECRET-KEY-(?:PQ-)?1[A-Za-z0-9]{40,}/,
  /sha256~[A-Za-z0-9_-]{43}/,
  /(?<![A-Za-z0-9])A3-[A-Z0-9]{6}-[A-Z0-9-]{20,}/,
  /(?<![A-Za-z0-9])dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,}/,
  /(?<![A-Za-z0-9])pul-[a-f0-9]{40}/,
  // Cloudflare, DigitalOcean, Heroku, Fly, Netlify, Supabase, PlanetScale, Databricks, Tailscale
  /(?<![A-Za-z0-9])cf(?:ut|at|k)_[A-Za-z0-9]{30,}/,
  /(?<![A-Za-z0-9])v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}/,
  /(?<![A-Za-z0-9])do[opr]_v1_[a-f0-9]{40,}/,
  /HRKU-[A-Za-z0-9_-]{30,}/,
  /(?<![A-Za-z0-9])(?:fo1_|fm\d[ar]?_)[A-Za-z0-9_+/=-]{40,}/,
  /(?<![A-Za-z0-9])(?:nfp_|sbp_)[A-Za-z0-9]{36,}/,
  /pscale_[a-z]{2,5}_[A-Za-z0-9_=.-]{30,}/,
  /(?<![A-Za-z0-9])dapi[a-f0-9]{32}(?:-\d)?/,
  /tskey-[a-z]{2,10}-[A-Za-z0-9-]{16,}/,
  // what watches and what tests: Sentry, Grafana, Dynatrace, New Relic, Sonar, Datadog has no shape, Snyk none, CircleCI, Buildkite
  /sntry[a-z]_[A-Za-z0-9+/=_]{30,}/,
  /(?<![A-Za-z0-9])glc_[A-Za-z0-9+/]{32,}={0,3}/,
  /(?<![A-Za-z0-9])glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}/,
  /dt0[a-z]\d\d\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{40,}/,
  /NR(?:AK|II|JS|IQ|BR)-[A-Za-z0-9_-]{19,}/,
  /(?<![A-Za-z0-9])[0-9a-f]{30,40}NRAL/,
  /(?<![A-Za-z0-9])sq[apu]_[0-9a-f]{40}/,
  /CCIP(?:AT|RJ)_[A-Za-z0-9_]{20,}/,
  /(?<![A-Za-z0-9])bk[a-z]{2}_[A-Za-z0-9]{32,}/,
  // Atlassian, Linear, Notion, Figma, Airtable, Postman, Sourcegraph, Prefect, ReadMe, Adobe, Harness, Infracost, Octopus
  /AT(?:ATT3|CTT3|BB)[A-Za-z0-9_=-]{20,}/,
  /lin_(?:api|oauth)_[A-Za-z0-9]{32,}/,
  /(?<![A-Za-z0-9])ntn_[A-Za-z0-9]{40,}/,
  /(?<![A-Za-z0-9])fig[dou]_[A-Za-z0-9_-]{30,}/,
  /(?<![A-Za-z0-9])pat[A-Za-z0-9]{14}\.[a-f0-9]{40,}/,
  /PMAK-[a-f0-9]{24}-[a-f0-9]{34}/,
  /(?<![A-Za-z0-9])sgp_(?:[A-Za-z0-9]{5,16}_)?[a-f0-9]{40}/,
  /(?<![A-Za-z0-9])pn[ub]_[A-Za-z0-9]{36}/,
  /(?<![A-Za-z0-9])rdme_[a-z0-9]{60,}/,
  /(?<![A-Za-z0-9])p8e-[A-Za-z0-9]{32}/,
  /(?<![A-Za-z0-9])[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}/,
  /(?<![A-Za-z0-9])ico-[A-Za-z0-9]{32}/,
  /(?<![A-Za-z0-9])API-[A-Z0-9]{26,}/,
]

/** Any token of the list; it has no groups. */
export const knownToken = new RegExp(shapes.map(({ source }) => source).join('|'), 'g')

/** Something that each of them contains; without case. */
export const tokenHint =
  /gh[opsur]_|github_pat_|gl[a-z]{2,5}-|gr1348941|xox[a-z]|xapp-|webhook|hooks\.slack|eyj|ls0tls1|a3t|akia|asia|abia|acca|absk|bedrock-api|aiza|ya29\.|gocspx-|q~|ltai|npm_|pypi-|rubygems_|oy2|cio|clojars_|dckr_|akcp|cmvmd|sk-|hf_|api_org_|r8_|gsk_|xai-|pplx-|tvly-|[rs]k_|whsec_|sq0|sg\.|sk[0-9a-f]|key-|-us\d|xkeysib-|shp[a-z]{2}_|:aa|hv[sbr]\.|[sbr]\.[a-z0-9]{24}|atlasv1|age-secret|sha256~|a3-|dp\.|pul-|cf(?:ut|at|k)_|v1\.0-|do[opr]_v1_|hrku-|fo1_|fm\d|nfp_|sbp_|pscale_|dapi|tskey-|sntry|glc_|glsa_|dt0|nr[a-z]{2}-|nral|sq[apu]_|ccip|bk[a-z]{2}_|atatt3|atctt3|atbb|lin_|ntn_|fig[dou]_|pat[a-z0-9.]|pmak-|sgp_|pn[ub]_|rdme_|p8e-|sat\.|ico-|api-/i
