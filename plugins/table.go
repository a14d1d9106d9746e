package main

import (
	"dkron/plugin"
	"dkron/plugins/grpccall"
	"dkron/plugins/kafka"
	"dkron/plugins/nats"
	"dkron/plugins/rabbitmq"
)

// row is an executor and the name by which jobs ask for it. Only the one that is served is opened.
type row struct {
	name string
	open func() plugin.Executor
}

// table is every executor in this program, sorted by name. Each has a folder of its own below this one, and a page
// docs/guide/executor-<name>.md.
func table() []row {
	return []row{
		{"grpc", func() plugin.Executor { return grpccall.New() }},
		{"kafka", func() plugin.Executor { return kafka.New() }},
		{"nats", func() plugin.Executor { return nats.New() }},
		{"rabbitmq", func() plugin.Executor { return rabbitmq.New() }},
	}
}

func names() (names []string) {
	for _, r := range table() {
		names = append(names, r.name)
	}
	return names
}
