// Package pluginhost finds, starts, watches and stops plugins: executors and processors that run as processes of their own.
// To other rooms each is a plugin.Executor or a plugin.Processor like a built-in one. A process is started once for its
// description, when its first execution or result comes, and again after it has died. It ends with the agent, on Linux also
// if the agent is killed.
package pluginhost
