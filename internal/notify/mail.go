package notify

import (
	"context"
	"fmt"
	netmail "net/mail"
	"strings"

	"dkron"
	"dkron/internal/mail"
)

// mailChannel writes to the owners of jobs.
type mailChannel struct {
	server  mail.Server
	prefix  string
	body    *body // nil: the output alone
	options *Options
	served  served
}

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
	left := m.served.left(id, to)
	if len(left) == 0 {
		return nil
	}
	err := mail.Send(ctx, m.server, mail.Message{
		ID: id, To: left, Subject: fmt.Sprintf("%s%s %s execution report", m.prefix, outcome, e.JobName), Text: text,
	})
	if !m.served.settles(id, err) {
		return err
	}
	if err != nil {
		m.options.Logger.Warn("a mail went to some of a job's owners only", "error", err)
	}
	return nil
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
