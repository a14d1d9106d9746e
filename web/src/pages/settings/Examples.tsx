import { Anchor, Text } from '@mantine/core'
import { serverURL } from '@/api/client'
import { Copy } from '@/ui/Copy'
import { Panel } from '@/ui/Panel'
import { examples } from './examples'
import classes from './Settings.module.css'

/** The page's actions as commands. */
export function Examples() {
  return (
    <Panel
      title="From a script"
      aside={
        <>
          <Anchor href={new URL('docs/', serverURL).href}>API reference</Anchor> ·{' '}
          <Anchor href={new URL('v1/openapi.yaml', serverURL).href}>OpenAPI 3.1</Anchor>
        </>
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        A script can do all that this page does, on any server.
      </Text>
      <div className={classes.examples}>
        {examples(serverURL.href).map(({ what, command }) => (
          <div key={what}>
            <h3>{what}</h3>
            <div className={classes.example}>
              {/* It scrolls sideways: the keyboard must reach it. */}
              <pre tabIndex={0} aria-label={`Command: ${what}`}>
                {command}
              </pre>
              <Copy text={command} label={`Copy: ${what}`} />
            </div>
          </div>
        ))}
      </div>
    </Panel>
  )
}
