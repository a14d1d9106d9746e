package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/secret"
	"dkron/plugin"
)

// Secrets of executions. An order has references, and so has the journal. The values are asked for when an execution is about to start,
// and again when it is adopted; they are in memory only, for as long as it runs.

// sealed is what a task has because its order refers to secrets; nil for nearly all.
type sealed struct {
	config map[string]string // with the values
	mask   *secret.Redactor  // of the output; guarded by the task's writing
	texts  *secret.Redactor  // of everything else
	at     time.Time         // when the newest of the values was set
	hidden string            // why the output can't be shown: it could not be masked
}

var (
	errNoSecrets = errors.New("this node has no way to ask for secrets")
	errHandle    = errors.New("the executor's handle has a secret in it, and is not recorded; the execution is lost if this agent ends before it does")
)

// unlock gets the secrets that the order of a task refers to.
func (a *Agent) unlock(t *task) error {
	if !secret.Used(t.order.Config) {
		return nil
	}
	s := new(sealed)
	var texts []string
	values := make(map[string]string)
	if names := secret.In(t.order.Config); len(names) > 0 {
		if a.cfg.Secrets == nil {
			return errNoSecrets
		}
		found, err := a.cfg.Secrets(t.ctx, &t.order, names)
		if err != nil {
			return fmt.Errorf("not started: %w", err)
		}
		for name, v := range found {
			values[name], texts = v.Text, append(texts, v.Text)
			if v.At.After(s.at) {
				s.at = v.At
			}
		}
	}
	config, err := secret.Fill(t.order.Config, values)
	if err != nil {
		return fmt.Errorf("not started: %w", err)
	}
	s.config, s.mask = config, secret.NewRedactor(texts...)
	s.texts = s.mask.Fresh()
	t.sealed = s
	return nil
}

// prepare gets the secrets of a task that is about to start.
func (a *Agent) prepare(t *task) error {
	if err := a.unlock(t); err != nil {
		if errors.Is(context.Cause(t.ctx), plugin.ErrStopped) {
			return errNeverBegan
		}
		return err
	}
	if t.sealed != nil {
		a.mu.Lock()
		t.secretsAt = t.sealed.at
		a.mu.Unlock()
	}
	return nil
}

// unlockAgain gets the secrets of an execution that an earlier process of this agent has started. It waits for a server as long as
// that takes: until then nothing of the output is read. Without the values that the execution was given, its output is not shown.
func (a *Agent) unlockAgain(t *task) {
	for {
		err := a.unlock(t)
		if err == nil {
			if s := t.sealed; s != nil && s.at.After(t.secretsAt) {
				s.hidden = "a secret that it uses was changed while the agent was down"
			}
			break
		}
		if t.ctx.Err() != nil || errors.Is(err, dkron.ErrNotFound) || errors.Is(err, dkron.ErrForbidden) || errors.Is(err, errNoSecrets) {
			t.sealed = &sealed{config: t.order.Config, hidden: strings.TrimPrefix(err.Error(), "not started: ")}
			break
		}
		a.cfg.Logger.Warn("an execution goes on, but its output is not read yet: its secrets are needed to mask them, and no server gives them; trying again",
			"job", t.order.JobName, "group", t.order.Group, "error", err)
		select {
		case <-t.ctx.Done():
		case <-time.After(time.Second):
		}
	}
	if s := t.sealed; s != nil && s.hidden != "" {
		t.write(fmt.Appendf(nil, "[output after the restart of the agent is not shown: %s]\n", s.hidden))
	}
}

// configuration is what an executor gets.
func (t *task) configuration() map[string]string {
	if t.sealed != nil {
		return t.sealed.config
	}
	return t.order.Config
}

// masked returns a piece of output without secrets. The caller holds writing if the task has some.
func (s *sealed) masked(chunk []byte) []byte {
	if s.hidden != "" {
		return nil
	}
	return s.mask.Write(chunk)
}

// text returns a text without secrets.
func (s *sealed) text(text string) string {
	switch {
	case s == nil:
		return text
	case s.hidden != "" && text != "":
		return "not shown: " + s.hidden
	}
	return s.texts.Text(text)
}

// bytes is text for what may be long.
func (s *sealed) bytes(data []byte) []byte {
	switch {
	case s == nil:
		return data
	case s.hidden != "":
		return []byte(s.text("."))
	}
	return s.texts.Bytes(data)
}

// showsIn reports whether data has a secret in it.
func (s *sealed) showsIn(data []byte) bool {
	return s != nil && s.texts != nil && !bytes.Equal(s.texts.Bytes(data), data)
}

// hide masks what an executor has reported in a result, and ends the output.
func (t *task) hide(r *dkron.Result) {
	if t.sealed == nil {
		return
	}
	r.Error, r.Reason, r.LeftRunning = t.sealed.text(r.Error), t.sealed.text(r.Reason), slices.Clone(r.LeftRunning)
	for i, p := range r.LeftRunning {
		r.LeftRunning[i] = t.sealed.text(p)
	}
}

// last writes what the mask has kept back.
func (t *task) last() {
	if t.sealed == nil {
		return
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.sealed.hidden == "" {
		t.write(t.sealed.mask.End())
	}
}

// write adds output that can be shown.
func (t *task) write(chunk []byte) {
	if len(chunk) == 0 {
		return
	}
	t.output.write(chunk)
	t.whole.Write(chunk)
}

// Secrets returns the values of the secrets with these names, which an order refers to.
type Secrets func(ctx context.Context, o *dkron.Order, names []string) (map[string]dkron.SecretValue, error)
