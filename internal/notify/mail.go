package notify

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"

	"dkron"
	"dkron/internal/mail"
)

// mailChannel writes to the owners of jobs.
type mailChannel struct {
	server  mail.Server
	prefix  string
	body    *body // nil: the output alone
	options *Options

	mu     sync.Mutex          // guards what follows
	served map[string][]string // by notice: who has got it, while others have not
}

// maxServed is of how many notices is remembered who has got them. Of others they may be sent twice, with one id.
const maxServed = 1000

func (m *mailChannel) send(ctx context.Context, n *dkron.Notice) error {
	to := addresses(n.To)
	if len(to) == 0 {
		return refusal(fmt.Sprintf("owner_email %q has no address", n.To))
	}
	id, e := m.options.id(n), n.Execution
	text := string(e.Text())
	if m.body != nil {
		var err error
		if text, err = m.body.render(n); err != nil {
			return err
		}
	}
	outcome := "Failed"
	if e.Outcome == dkron.Success {
		outcome = "Success"
	}
	m.mu.Lock()
	left := slices.DeleteFunc(to, func(a string) bool { return slices.Contains(m.served[id], a) })
	m.mu.Unlock()
	if len(left) == 0 {
		return nil
	}
	err := mail.Send(ctx, m.server, mail.Message{
		ID: id, To: left, Subject: fmt.Sprintf("%s%s %s execution report", m.prefix, outcome, e.JobName), Text: text,
	})
	return m.judge(id, err)
}

// judge returns what to make of an attempt. Those whom the server refuses don't keep the others from being done.
func (m *mailChannel) judge(id string, err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	failed, ok := errors.AsType[*mail.Error](err)
	switch {
	case err == nil:
		delete(m.served, id)
		return nil
	case !ok || len(failed.Accepted) == 0:
		return err
	case len(failed.Deferred) == 0:
		delete(m.served, id)
		m.options.Logger.Warn("a mail went to some of a job's owners only", "error", err)
		return nil
	}
	if m.served == nil || len(m.served) >= maxServed {
		m.served = make(map[string][]string)
	}
	m.served[id] = append(m.served[id], failed.Accepted...)
	return err
}

// addresses returns the addresses of a list. v4 took one; people write lists with commas, semicolons or blanks.
func addresses(text string) (list []string) {
	if parsed, err := netmail.ParseAddressList(strings.ReplaceAll(text, ";", ",")); err == nil {
		for _, a := range parsed {
			list = append(list, a.String())
		}
		return list
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' })
}
