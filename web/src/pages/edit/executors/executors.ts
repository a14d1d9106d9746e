import { builtin } from './builtin'
import type { Executor, Field } from './executor'
import { plugins } from './plugins'

/** What the form knows of the executors. Jobs may name others, and use other keys. */
export const executors: readonly Executor[] = [...builtin, ...plugins]

export const executorOf = (name: string): Executor | undefined => executors.find(e => e.name === name)

export const fieldsOf = (name: string): readonly Field[] => executorOf(name)?.fields ?? []

/** Words that mean yes, as the executors read them. */
export const isTrue = (text: string) => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)
