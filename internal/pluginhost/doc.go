// Package pluginhost finds, starts, watches and stops plugins: executors that run as processes of their own. To the agent
// each is a plugin.Executor like a built-in one. A process is started when its first execution comes, and again after it
// has died. It ends with the agent; on Linux also if the agent is killed.
package pluginhost
