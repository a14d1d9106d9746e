import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { versionsQuery } from '@/api/jobs'
import type { Launch } from '@/api/launches'
import { Link } from '@/ui/link'
import classes from './Facts.module.css'
import { commandOf, ranAt } from './revision'

/**
 * The command and the revision that a launch ran, with a link to that version. The server does not record the revision: it is
 * the one that was current when the first execution started, and the page says so.
 */
export function Ran({ launch }: { launch: Launch }) {
  const { data } = useQuery({ ...versionsQuery(launch.job), retry: false })
  const first = (launch.executions ?? []).map(e => timeOf(e.started_at)).filter(at => at !== undefined)
  const at = first.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? timeOf(launch.created_at)
  const ran = data && ranAt(data, at)
  if (!ran) return <>–</>
  if (ran === 'dropped') return <>an earlier revision, no longer kept</>
  const { version, current } = ran
  const command = commandOf(version)
  return (
    <>
      {command && (
        <code className={classes.command} title={command}>
          {command}
        </code>
      )}
      <Link
        to="/jobs/$job"
        params={{ job: launch.job }}
        search={{ tab: 'versions', revision: version.revision }}
        inherit
        underline="always"
      >
        revision {version.revision}
      </Link>
      <span className={classes.soft}>, current when it started{!current && '; changed since'}</span>
    </>
  )
}
