import { Anchor, Text } from '@mantine/core'
import { known, pageOn } from './servers'

/** Links to this page on the other servers, for when this one does not answer. */
export function OtherServers() {
  const servers = known()
  if (!servers.length) return <Text size="sm">Every other server shows the same page.</Text>
  return (
    <Text size="sm">
      The same page on another server:{' '}
      {servers.map((server, i) => (
        <span key={server.name}>
          {i > 0 && ' · '}
          <Anchor inherit c="inherit" fw={600} underline="always" href={pageOn(server)}>
            {server.name}
          </Anchor>
        </span>
      ))}
    </Text>
  )
}
