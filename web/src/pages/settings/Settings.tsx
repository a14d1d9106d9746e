import { Page } from '@/ui/Page'
import { AuditLink } from './AuditLink'
import { Examples } from './Examples'
import { History } from './History'
import { JobChanges } from './JobChanges'
import { SecretsLink } from './SecretsLink'
import classes from './Settings.module.css'
import { ThisBrowser } from './ThisBrowser'

/** Settings of this browser and of the cluster, and the API as commands. */
export function Settings() {
  return (
    <Page title="Settings">
      <div className={classes.grid}>
        <ThisBrowser />
        <div className={classes.column}>
          <History />
          <JobChanges />
          <SecretsLink />
          <AuditLink />
        </div>
      </div>
      <Examples />
    </Page>
  )
}
