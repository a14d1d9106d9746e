package main

import (
	"os"

	"dkron/plugin"
	"dkron/plugins/fluent"
	"dkron/plugins/grpccall"
	"dkron/plugins/kafka"
	"dkron/plugins/nats"
	"dkron/plugins/rabbitmq"
)

// row is an executor or a processor, and the name by which jobs ask for it. Only the one that is served is opened.
type row struct {
	name      string
	executor  func() plugin.Executor
	processor func() plugin.Processor // nil of an executor
}

// table is every executor in this program, sorted by name, then every processor. Each has a folder of its own below this
// one, and a page docs/guide/executor-<name>.md or processor-<name>.md.
func table() []row {
	return []row{
		{name: "grpc", executor: func() plugin.Executor { return grpccall.New() }},
		{name: "kafka", executor: func() plugin.Executor { return kafka.New() }},
		{name: "nats", executor: func() plugin.Executor { return nats.New() }},
		{name: "rabbitmq", executor: func() plugin.Executor { return rabbitmq.New() }},

		{name: "fluent", processor: func() plugin.Processor { return fluent.New(os.Getenv) }},
	}
}

// kind is what the row is: executor or processor.
func (r *row) kind() string {
	if r.processor != nil {
		return "processor"
	}
	return "executor"
}

// file is the name of the file that makes the program this row's.
func (r *row) file() string { return prefix + r.kind() + "-" + r.name }

// open returns what the row has.
func (r *row) open() any {
	if r.processor != nil {
		return r.processor()
	}
	return r.executor()
}

// files returns the names of all files.
func files() (files []string) {
	for _, r := range table() {
		files = append(files, r.file())
	}
	return files
}

// names returns the names of a kind.
func names(kind string) (names []string) {
	for _, r := range table() {
		if r.kind() == kind {
			names = append(names, r.name)
		}
	}
	return names
}
