import { describe, expect, it } from 'vitest'
import { executors } from '../testing'
import { executorOf, fieldsOf } from './executors'

describe('what an executor says of itself', () => {
  it('has fields in its order, each of the kind that its value needs', () => {
    expect(fieldsOf(executors, 'kinds').map(({ key, kind }) => `${key}: ${kind}`)).toEqual([
      'text: text',
      'free: text',
      'lines: lines',
      'secret: secret',
      'on: boolean',
      'off: boolean',
      'flag: flag',
      'number: number',
      'choice: choice',
      'offers: offers',
      'list: list',
      'map: map',
      'json: lines',
      'strange: text',
      'rare: text',
    ])
  })

  it('tells what is required, usual and rare', () => {
    const [command, timeout] = fieldsOf(executors, 'shell')
    expect(command).toMatchObject({ required: true, example: 'date', default: '', rare: false })
    expect(timeout).toMatchObject({ required: false, example: '' })
    expect(fieldsOf(executors, 'kinds')[0]).toMatchObject({ default: 'usual' })
    expect(fieldsOf(executors, 'kinds').at(-1)).toMatchObject({ rare: true })
  })

  it('may be nothing', () => {
    expect(executorOf(executors, 'silent')).toEqual({ name: 'silent', what: '', fields: [] })
    expect(fieldsOf(executors, 'none')).toEqual([])
  })
})
