package app

import (
	"log/slog"
	"time"
)

// stops is the parts to stop, in order of start.
type stops struct {
	log  *slog.Logger
	list []stop
}

type stop struct {
	name string
	do   func()
}

func (s *stops) add(name string, do func()) { s.list = append(s.list, stop{name, do}) }

// run stops them in reverse order.
func (s *stops) run() {
	for i := len(s.list) - 1; i >= 0; i-- {
		began := time.Now()
		s.list[i].do()
		s.log.Debug("stopped", "part", s.list[i].name, "took", time.Since(began))
	}
	s.list = nil
}
