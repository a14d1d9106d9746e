import { Checkbox } from '@mantine/core'
import { counted } from './size'

/** What a deletion does and, if something is running, whether to stop that too. */
export function deletion(meaning: string, running: number, stop: (wanted: boolean) => void) {
  return (
    <>
      {meaning}
      {running > 0 && (
        <Checkbox
          mt="sm"
          label={`Also stop ${counted(running, 'running launch', 'running launches')}`}
          description="Otherwise they continue, and stay under Launches until they end."
          onChange={event => stop(event.currentTarget.checked)}
        />
      )}
    </>
  )
}
