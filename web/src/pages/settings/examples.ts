/** Commands that do what the page does, for the server at `url` (with a slash at its end). */
export const examples = (url: string) => [
  {
    what: 'Create or replace a job',
    command: `curl ${url}v1/jobs -d '{
  "name": "backup",
  "schedule": "0 30 3 * * *",
  "timezone": "Europe/Berlin",
  "tags": {"role": "db:1"},
  "executor": "shell",
  "executor_config": {"command": "/usr/local/bin/backup"}
}'`,
  },
  {
    what: 'Run it and wait for the result',
    command: `curl -i -X POST '${url}v1/jobs/backup/run?wait'`,
  },
  { what: 'Running executions', command: `curl '${url}v1/executions?status=running&output_size_limit=0'` },
  {
    what: 'Failures since yesterday',
    command: `curl "${url}v1/launches?state=failed&since=$(date -ud yesterday +%FT%TZ)"`,
  },
  { what: 'Stop a job’s launches', command: `curl -X POST '${url}v1/jobs/backup/stop?reason=maintenance'` },
  { what: 'Follow events', command: `curl -N ${url}v1/events` },
  { what: 'Why a run was skipped', command: `curl '${url}v1/jobs/backup/launches?state=skipped'` },
  { what: 'Export all jobs', command: `curl ${url}v1/export -o jobs.json` },
]
