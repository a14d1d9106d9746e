import { Button, Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { timeOf } from '@/api/client'
import { definitionOf, revertJob, versionsQuery, type Job, type Version } from '@/api/jobs'
import { ask, attempt, tell } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/Loaded'
import { Link } from '@/ui/link'
import { May, useMay } from '@/ui/may'
import { Panel } from '@/ui/Panel'
import { When } from '@/ui/When'
import { useRefresh } from '@/ui/useRefresh'
import { nameOf } from '@/ui/words'
import { DiffView } from '@/ui/definition/DiffView'
import classes from './Versions.module.css'

/** The versions of a job's definition, their differences, and the revert button. */
export function Versions({ job }: { job: Job }) {
  const query = useQuery(versionsQuery(job.name))
  return (
    <Loaded query={query} what="the versions" lines={6}>
      {versions => <Compared job={job} versions={versions} />}
    </Loaded>
  )
}

function Compared({ job, versions }: { job: Job; versions: Version[] }) {
  const search = useSearch({ from: '/jobs/$job' })
  const navigate = useNavigate({ from: '/jobs/$job' })
  const may = useMay()
  const at = Math.max(
    0,
    versions.findIndex(v => v.revision === search.revision),
  )
  const chosen = versions[at]
  if (!chosen) return null
  const against = versions.find(v => v.revision === search.against && v !== chosen) ?? versions[at + 1]
  const show = (revision: number, other?: number) =>
    void navigate({ search: { tab: 'versions', revision, against: other }, replace: true })
  return (
    <div className={classes.grid}>
      <Panel
        title="Versions"
        aside={
          <Text size="xs" c="dimmed">
            up to 20 earlier ones are kept
            <May verb="manage" all>
              {' · '}
              <Link to="/settings/audit" search={{ job: job.name }} inherit underline="always">
                Audit
              </Link>
            </May>
          </Text>
        }
        flush
      >
        <ol className={classes.list}>
          {versions.map((v, i) => (
            <li key={v.revision}>
              <button type="button" aria-pressed={v === chosen} onClick={() => show(v.revision)}>
                <span className={classes.name}>
                  Revision {v.revision}
                  {i === 0 && <span className={classes.current}>current</span>}
                </span>
                <span className={classes.soft}>
                  <When at={timeOf(v.updated_at)} />
                  {v.updated_by && ` by ${v.updated_by}`}
                </span>
              </button>
            </li>
          ))}
        </ol>
      </Panel>
      <Panel
        title={against ? `From revision ${against.revision} to ${chosen.revision}` : `Revision ${chosen.revision}`}
        aside={at > 0 && may('write') && <Revert job={job} current={versions[0]!} to={chosen} />}
      >
        {against ? (
          <>
            <Select
              size="xs"
              label="Compared with"
              className={classes.against}
              data={versions
                .filter(v => v !== chosen)
                .map(v => ({ value: String(v.revision), label: `Revision ${v.revision}` }))}
              value={String(against.revision)}
              onChange={value => value && show(chosen.revision, Number(value))}
              allowDeselect={false}
            />
            <DiffView before={definitionOf(against.job)} after={definitionOf(chosen.job)} />
          </>
        ) : (
          <First versions={versions} chosen={chosen} />
        )}
      </Panel>
    </div>
  )
}

function First({ versions, chosen }: { versions: Version[]; chosen: Version }) {
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {versions.length === 1
          ? 'The definition has not changed yet. Each change adds a version that you can compare and restore.'
          : 'The oldest version kept.'}
      </Text>
      <DiffView after={definitionOf(chosen.job)} />
    </>
  )
}

function Revert({ job, current, to }: { job: Job; current: Version; to: Version }) {
  const refresh = useRefresh()
  const navigate = useNavigate({ from: '/jobs/$job' })
  const title = nameOf(job)

  async function store(revision: number) {
    await revertJob(job.name, revision)
    await refresh(job.name)
    return true
  }

  async function revert() {
    const sure = await ask({
      title: `Revert to revision ${to.revision}?`,
      children: (
        <>
          It is stored as a new revision, with these changes:
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be reached by keyboard */}
          <section className={classes.change} tabIndex={0} aria-label="What changes">
            <DiffView before={definitionOf(current.job)} after={definitionOf(to.job)} />
          </section>
        </>
      ),
      confirm: 'Revert',
    })
    if (!sure || !(await attempt(`revert ${title}`, () => store(to.revision)))) return
    tell(`Reverted ${title} to revision ${to.revision}`, { action: () => store(current.revision) })
    await navigate({ search: { tab: 'versions' }, replace: true })
  }

  return (
    <Button size="xs" variant="default" leftSection={<Icon name="undo" size={14} />} onClick={() => void revert()}>
      Revert to this
    </Button>
  )
}
