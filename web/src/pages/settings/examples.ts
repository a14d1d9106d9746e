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
    what: 'Run it now and wait for its end',
    command: `curl -i -X POST '${url}v1/jobs/backup/run?wait'`,
  },
  { what: 'Running executions', command: `curl '${url}v1/executions?status=running&output_size_limit=0'` },
  {
    what: 'What failed since yesterday',
    command: `curl "${url}v1/launches?state=failed&since=$(date -ud yesterday +%FT%TZ)"`,
  },
  { what: 'Stop all launches of a job', command: `curl -X POST '${url}v1/jobs/backup/stop?reason=maintenance'` },
  { what: 'Be told what happens', command: `curl -N ${url}v1/events` },
  { what: 'Why a run did not happen', command: `curl '${url}v1/jobs/backup/launches?state=skipped'` },
  { what: 'Keep all jobs in a file', command: `curl ${url}v1/export -o jobs.json` },
]
