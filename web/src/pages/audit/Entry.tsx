import { Button } from '@mantine/core'
import { useState } from 'react'
import type { AuditRecord } from '@/api/audit'
import { timeOf } from '@/api/client'
import list from '@/ui/alerts/List.module.css'
import { DiffView } from '@/ui/definition/DiffView'
import { Link } from '@/ui/link'
import { When } from '@/ui/When'
import classes from './Audit.module.css'
import { titleOf, whoOf } from './words'

/** A record: what happened, who did it and from where; before and after on demand. */
export function Entry({ record }: { record: AuditRecord }) {
  const [open, setOpen] = useState(false)
  const { who, server, job, detail, kind, before, after, refused } = record
  const title = titleOf(record)
  const name = whoOf(record)
  const hasDetail = detail && !['session', 'pause'].includes(kind)
  return (
    <li className={list.item}>
      <div className={list.what}>
        <div className={list.head}>
          <span className={list.name}>{title}</span>
        </div>
        <div className={list.facts}>
          <When at={timeOf(record.at)} />
          {!record.left_out && <span>by {name}</span>}
          {who.address && who.address !== name && <span>from {who.address}</span>}
          {server && <span>through {server}</span>}
          {job && (
            <Link to="/jobs/$job" params={{ job }}>
              {job}
            </Link>
          )}
        </div>
        {hasDetail && (
          <div className={list.reason} data-tone={refused ? 'bad' : undefined}>
            {detail}
          </div>
        )}
      </div>
      {(before ?? after) && (
        <div className={list.actions}>
          <Button
            size="xs"
            variant="default"
            aria-expanded={open}
            aria-label={`${open ? 'Hide' : 'Show'} details: ${title}`}
            onClick={() => setOpen(!open)}
          >
            {open ? 'Hide' : 'Details'}
          </Button>
        </div>
      )}
      {open && <Change before={before} after={after} />}
    </li>
  )
}

function Change({ before, after }: Pick<AuditRecord, 'before' | 'after'>) {
  const shown = after ?? before
  return (
    <div className={classes.change}>{shown && <DiffView before={(after && before) ?? undefined} after={shown} />}</div>
  )
}
