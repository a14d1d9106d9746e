import type { Executor, Field } from './executor'

const debug: Field = {
  key: 'debug',
  label: 'Log the settings',
  kind: 'boolean',
  help: 'Writes the settings to the log of the node, secrets included.',
  rare: true,
}

const url = (help: string, example: string): Field => ({
  key: 'url',
  label: 'URL',
  kind: 'text',
  required: true,
  help,
  example,
})

const env = (help: string): Field => ({ key: 'env', label: 'Environment', kind: 'text', help, example: 'STAGE=prod' })

const text = (key: string, label: string, help: string, more: Partial<Field> = {}): Field => ({
  key,
  label,
  kind: 'text',
  help,
  ...more,
})

/** What nodes can do that have the plugin of that name. */
export const plugins: readonly Executor[] = [
  {
    name: 'grpc',
    what: 'Calls a method of a gRPC server, which has to offer reflection.',
    fields: [
      url('Address and full name of the method.', 'host:50051/package.Service/Method'),
      text('body', 'Message', 'The message as JSON; several after each other for a stream.', {
        kind: 'lines',
        default: '{}',
      }),
      text('headers', 'Metadata', 'One in each line, as name: value.', { kind: 'list' }),
      text('timeout', 'Timeout in seconds', 'For the whole call.', { kind: 'number', default: '30' }),
      text('expectCode', 'Expected status', 'The gRPC status that is a success, as a number.', {
        kind: 'number',
        default: '0',
      }),
    ],
  },
  {
    name: 'kafka',
    what: 'Puts a message on a Kafka topic.',
    fields: [
      text('brokerAddress', 'Brokers', 'Addresses, separated by commas.', {
        required: true,
        example: 'kafka-1:9092,kafka-2:9092',
      }),
      text('topic', 'Topic', 'Where the message goes.', { required: true }),
      text('message', 'Message', 'Its value.', { kind: 'lines' }),
      text('key', 'Key', 'Messages of one key go to one partition.'),
      text('tlsEnable', 'Use TLS', 'Encrypts the connection.', { kind: 'boolean' }),
      text('tlsInsecureSkipVerify', 'Trust any certificate', 'Does not check who answers. For tests only.', {
        kind: 'boolean',
        rare: true,
      }),
      text('saslUsername', 'User name', 'For SASL; it needs the password too.'),
      text('saslPassword', 'Password', 'For SASL.', { kind: 'secret' }),
      text('saslMechanism', 'SASL mechanism', 'Needed with a user name.', {
        kind: 'choice',
        choices: ['sha256', 'sha512'],
      }),
      debug,
    ],
  },
  {
    name: 'nats',
    what: 'Publishes a message on a NATS subject.',
    fields: [
      url('Servers, separated by commas.', 'nats://nats-1:4222'),
      text('subject', 'Subject', 'Where the message goes.', { required: true }),
      text('message', 'Message', 'What is published.', { kind: 'lines' }),
      text('userName', 'User name', 'If the server wants one.'),
      text('password', 'Password', 'Of that user.', { kind: 'secret' }),
      debug,
    ],
  },
  {
    name: 'rabbitmq',
    what: 'Publishes a message to RabbitMQ.',
    fields: [
      url('Address with the virtual host; amqp or amqps.', 'amqp://guest:guest@rabbit:5672/'),
      text('queue.name', 'Queue', 'The routing key, and the queue to declare.', { required: true }),
      text('exchange', 'Exchange', 'Where the message goes first.', { default: 'the default exchange' }),
      text('message.body', 'Message', 'What is published, as text. Not together with bytes.', { kind: 'lines' }),
      text('message.base64Body', 'Message as bytes', 'What is published, in base64.', { kind: 'lines', rare: true }),
      text('message.content_type', 'Content type', 'What the message is.', { default: 'text/plain', rare: true }),
      text('message.delivery_mode', 'Delivery mode', '2 survives a restart of the server.', {
        kind: 'number',
        default: '0',
        rare: true,
      }),
      text('message.messageId', 'Message id', 'Given to those who read it.', { rare: true }),
      text('queue.create', 'Declare the queue', 'Makes the queue if there is none.', { kind: 'boolean' }),
      text('queue.durable', 'Durable queue', 'It survives a restart of the server.', { kind: 'boolean', rare: true }),
      text('queue.auto_delete', 'Delete the queue when unused', 'When its last reader has gone.', {
        kind: 'boolean',
        rare: true,
      }),
      text('queue.exclusive', 'Exclusive queue', 'Only for this connection.', { kind: 'boolean', rare: true }),
    ],
  },
  {
    name: 'gcppubsub',
    what: 'Publishes a message to Google Cloud Pub/Sub, with the credentials of the node.',
    fields: [
      text('project', 'Project', 'The id of the project.', { required: true }),
      text('topic', 'Topic', 'Where the message goes.', { required: true }),
      text('data', 'Data', 'The message in base64. It or attributes have to be there.', { kind: 'lines' }),
      text('attributes', 'Attributes', 'Keys and values that go with the message.', { kind: 'map' }),
    ],
  },
  {
    name: 'docker',
    what: 'Runs a container with the Docker of the node.',
    fields: [
      text('image', 'Image', 'What to run.', { required: true, example: 'alpine:3' }),
      text('command', 'Command', 'What to run in the container.', { kind: 'lines' }),
      env('Variables for the container, separated by commas.'),
      text('volumes', 'Volumes', 'host:container[:mode], separated by commas.', { example: '/data:/data:ro' }),
    ],
  },
  {
    name: 'ecs',
    what: 'Runs a task in Amazon ECS and shows its log.',
    fields: [
      text('taskdefName', 'Task definition', 'The family of one that exists.'),
      text('taskdefBody', 'New task definition', 'JSON of one that is registered first.', {
        kind: 'lines',
        rare: true,
      }),
      text('region', 'Region', 'Where it runs.', { example: 'eu-central-1' }),
      text('cluster', 'Cluster', 'The ECS cluster.'),
      text('service', 'Container', 'The container whose settings are overridden.'),
      text('overrides', 'Command', 'Words in place of the container’s command, separated by commas.'),
      env('Variables for the container, separated by commas.'),
      text('logGroup', 'Log group', 'Where CloudWatch keeps the output.'),
      text('fargate', 'Launch type', 'yes runs it on Fargate.', { kind: 'choice', choices: ['yes'] }),
      text('securityGroup', 'Security group', 'Of the task’s network.', { rare: true }),
      text('subnet', 'Subnet', 'Of the task’s network.', { rare: true }),
      text('maxAttempts', 'Polls', 'How often its state is asked for, six seconds apart.', {
        kind: 'number',
        default: '2000',
        rare: true,
      }),
      text('enableExecuteCommand', 'ECS Exec', 'Lets people enter the container.', { kind: 'boolean', rare: true }),
      text('propagateTags', 'Take tags from', 'Where the task’s tags come from.', {
        example: 'TASK_DEFINITION',
        rare: true,
      }),
    ],
  },
]
