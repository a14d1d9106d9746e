import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { auditExport, auditQuery, type AuditRecord } from '@/api/audit'
import list from '@/ui/alerts/List.module.css'
import { Empty } from '@/ui/Empty'
import { Icon } from '@/ui/Icon'
import { Link, LinkButton } from '@/ui/link'
import { ListEnd } from '@/ui/ListEnd'
import { Loaded } from '@/ui/Loaded'
import { For } from '@/ui/may'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { counted } from '@/ui/size'
import { useNow } from '@/ui/useNow'
import classes from './Audit.module.css'
import { Entry } from './Entry'
import { Filters } from './Filters'
import { filterOf, type AuditSearch } from './search'

const route = getRouteApi('/settings/audit')

/** Who changed, ran or stopped what, and who was refused. */
export function Audit() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const now = useNow()
  return (
    <For verb="manage" title="Audit">
      <Page
        title="Audit"
        above={<Link to="/settings">Settings</Link>}
        below="Who changed, ran or stopped what, and who was refused. Older entries are removed."
        actions={
          <Button
            component="a"
            variant="default"
            href={auditExport(filterOf(search, now))}
            download="dkron-audit.jsonl"
            leftSection={<Icon name="download" size={16} />}
          >
            Export
          </Button>
        }
      >
        <Panel flush>
          <Filters search={search} change={part => void navigate({ search: { ...search, ...part }, replace: true })} />
          <Records search={search} />
        </Panel>
      </Page>
    </For>
  )
}

function Records({ search }: { search: AuditSearch }) {
  const query = useInfiniteQuery(auditQuery(filterOf(search, useNow())))
  return (
    <Loaded query={query} what="the audit" lines={12}>
      {({ pages }) => {
        const records = pages.flatMap(page => page.records)
        const missing = pages[0]?.missing ?? []
        return (
          <div aria-busy={query.isPlaceholderData}>
            {missing.length > 0 && (
              <div className={classes.missing} role="status">
                Not reached: {missing.join(', ')}. Requests that {missing.length === 1 ? 'it has' : 'they have'} refused
                are not shown.
              </div>
            )}
            {records.length ? <List records={records} /> : <Nothing search={search} />}
            {records.length > 0 && <ListEnd query={query} shown={counted(records.length, 'entry', 'entries')} />}
          </div>
        )
      }}
    </Loaded>
  )
}

const List = ({ records }: { records: readonly AuditRecord[] }) => (
  <ul className={list.list} aria-label="Audit">
    {records.map(record => (
      <Entry key={record.id} record={record} />
    ))}
  </ul>
)

function Nothing({ search }: { search: AuditSearch }) {
  if (!Object.keys(search).length)
    return (
      <Empty icon="history" title="No entries yet">
        What people and programs change from now on is recorded here.
      </Empty>
    )
  return (
    <Empty
      icon="history"
      title="No entries match these filters"
      action={
        <LinkButton variant="default" to="/settings/audit">
          Show all
        </LinkButton>
      }
    />
  )
}
