package emailoutput

import (
	"maps"
	"slices"
	"sync"
)

// maxServed is how many messages are remembered.
const maxServed = 1000

// served remembers to whom messages went that have to be tried again for others, and who refused them.
type served struct {
	mu    sync.Mutex // guards the rest
	byID  map[string]map[string]string
	order []string // the ids, the oldest first
}

// without returns those recipients for whom a message has still to be tried.
func (s *served) without(id string, to []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.byID[id]
	return slices.DeleteFunc(slices.Clone(to), func(one string) bool { _, there := known[one]; return there })
}

// note remembers who has accepted a message, and who has refused it.
func (s *served) note(id string, accepted []string, refused map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(accepted)+len(refused) == 0 {
		return
	}
	if s.byID == nil {
		s.byID = make(map[string]map[string]string)
	}
	if s.byID[id] == nil {
		if len(s.order) == maxServed {
			delete(s.byID, s.order[0])
			s.order = s.order[1:]
		}
		s.byID[id] = make(map[string]string)
		s.order = append(s.order, id)
	}
	for _, one := range accepted {
		s.byID[id][one] = ""
	}
	maps.Copy(s.byID[id], refused)
}

// forget forgets a message, and returns who refused it and why.
func (s *served) forget(id string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := s.byID[id]
	delete(s.byID, id)
	s.order = slices.DeleteFunc(s.order, func(one string) bool { return one == id })
	maps.DeleteFunc(refused, func(_, why string) bool { return why == "" })
	return refused
}
