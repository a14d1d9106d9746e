import type { ReactNode } from 'react'
import { stringify } from 'yaml'
import type { JobWrite } from '@/api/jobs'
import { ordered } from '@/ui/definition/text'
import { Source } from './Source'

interface Props {
  name: string
  definition: JobWrite
  choice: ReactNode
}

/** The definition as YAML; loads the YAML library. */
export default function YamlSource({ name, definition, choice }: Props) {
  const text = stringify(ordered(definition), { lineWidth: 0 })
  return <Source text={text} file={`${name}.yaml`} type="application/yaml" choice={choice} />
}
