// Package plugin is the kit for authors of executors and processors: the interfaces that the agent calls, whether one is
// built into the agent or runs as a process of its own.
package plugin
