// Package plugin is the kit for authors of executors: the interfaces that the agent calls, whether the executor is
// built into the agent or runs as a process of its own.
package plugin
