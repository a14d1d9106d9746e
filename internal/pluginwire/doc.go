// Package pluginwire is what goes between an agent and a plugin: the messages of the v4 protocol, with fields that plugins
// made for v4 skip, and those of our own service, which plugins made with our kit serve too. The names and numbers are
// public: they never change.
package pluginwire
