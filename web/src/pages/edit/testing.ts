import type { Description, KeyDescription } from '@/api/executors'
import { executorsOf } from './executors/executors'

const key = (title: string, more: Partial<KeyDescription> = {}): KeyDescription => ({
  type: 'string',
  title,
  description: `What ${title} means.`,
  ...more,
})

const described = (name: string, properties: Record<string, KeyDescription>, required: string[] = []): Description => ({
  name,
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    description: `Does ${name}.`,
    type: 'object',
    properties,
    required,
  },
})

const strings = { type: 'string' }

/** Executors with a few keys: enough for tests, and every kind of field in `kinds`. */
export const descriptions: Description[] = [
  described(
    'shell',
    {
      command: key('Command', { format: 'multiline', examples: ['date'] }),
      timeout: key('Timeout', { format: 'go-duration' }),
    },
    ['command'],
  ),
  described('http', { method: key('Method', { examples: ['GET', 'POST'] }), url: key('URL') }, ['method', 'url']),
  described('kinds', {
    text: key('Text', { examples: ['an example'], default: 'usual' }),
    free: key('Free', { examples: ['an example'] }),
    lines: key('Lines', { format: 'multiline' }),
    secret: key('Secret', { format: 'password' }),
    on: key('On', { format: 'boolean', default: 'true' }),
    off: key('Off', { format: 'boolean', default: 'false' }),
    flag: key('Flag', { format: 'flag' }),
    number: key('Number', { format: 'integer' }),
    choice: key('Choice', { enum: ['a', 'b'] }),
    offers: key('Offers', { examples: ['x', 'y'] }),
    list: key('List', {
      contentMediaType: 'application/json',
      contentSchema: { type: 'array', items: strings },
      examples: ['["one","two"]'],
    }),
    map: key('Map', {
      contentMediaType: 'application/json',
      contentSchema: { type: 'object', additionalProperties: strings },
    }),
    json: key('JSON', { contentMediaType: 'application/json' }),
    strange: key('Strange', { format: 'of-the-future' }),
    rare: key('Rare', { 'x-advanced': true }),
  }),
  { name: 'silent' },
]

export const executors = executorsOf(descriptions)
