import { Autocomplete, type AutocompleteProps } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { membersQuery } from '@/api/cluster'
import { suggestionsQuery } from '@/api/suggestions'

type Props = Omit<AutocompleteProps, 'data' | 'filter' | 'onFocus' | 'onBlur'>

/** A text, with values that other jobs have in a field. */
export function Suggested({ field, value = '', ...rest }: Props & { field: string }) {
  const [focused, setFocused] = useState(false)
  const typed = value.trim()
  const [text] = useDebouncedValue(typed, 200)
  const { data, isPlaceholderData } = useQuery({ ...suggestionsQuery(field, text), enabled: focused })
  // Until the answer for what is typed is there, Enter must not choose something else.
  const current = text === typed && !isPlaceholderData
  const fits = (found: string) => current || found.toLowerCase().includes(typed.toLowerCase())
  return (
    <Autocomplete
      {...rest}
      value={value}
      data={(data ?? []).filter(found => found !== value && fits(found))}
      filter={({ options }) => options} // the server has searched
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    />
  )
}

/** A key of tags, or a value of a key, with those that nodes have. */
export function SuggestedTag({ of, value = '', ...rest }: Props & { of?: string }) {
  const [focused, setFocused] = useState(false)
  const { data } = useQuery({ ...membersQuery, enabled: focused })
  const alive = (data ?? []).filter(m => m.statusText === 'alive').map(m => m.Tags ?? {})
  const all = alive.flatMap(tags => (of === undefined ? Object.keys(tags) : tags[of] === undefined ? [] : [tags[of]]))
  return (
    <Autocomplete
      {...rest}
      value={value}
      data={ranked(all).filter(found => found !== value && !own.has(found))}
      limit={50}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    />
  )
}

// Tags that dkron gives to nodes: hardly any job is aimed at them.
const own = new Set(['dc', 'expect', 'port', 'region', 'rpc_addr', 'server', 'version', 'bootstrap_expect'])

/** Each once, the most frequent first. */
function ranked(all: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const text of all) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([text]) => text)
}
