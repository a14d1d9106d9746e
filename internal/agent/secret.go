package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dkron"
	"dkron/internal/secret"
	"dkron/plugin"
)

// Secrets of executions. An order has references, and so has the journal. The values are asked for when an execution is about to start,
// and again when it is adopted; they are in memory only, for as long as it runs.

// Secrets returns the values of the secrets with these names, which an order refers to.
type Secrets func(ctx context.Context, o *dkron.Order, names []string) (map[string]dkron.SecretValue, error)

// sealed is what a task has because its order refers to secrets; nil for nearly all. The task's writing guards the fields that change:
// those of an adopted task are set once the values are there.
type sealed struct {
	config map[string]string // for the executor
	mask   *secret.Redactor  // of the output
	texts  *secret.Redactor  // of everything else
	at     time.Time         // when the newest of the values was set
	hidden string            // why the output can't be shown: it could not be masked

	ready chan struct{} // closed once the values are there, or will not come; nil: they were there from the start
	early []byte        // output from before that; nil: there are no more
	lost  int           // bytes of it that were not kept
}

// maxEarly bounds the output that waits for the values of secrets.
const maxEarly = 1 << 20

var (
	errNoSecrets = errors.New("this node has no way to ask for secrets")
	errHandle    = errors.New("the executor's handle has a secret in it, and is not recorded; the execution is lost if this agent ends before it does")
)

// promptly is implemented by executors whose Adopt needs the handle alone, and must not wait: their work may end at any moment, and with
// it what there is to find.
type promptly interface{ AdoptsByHandle() }

// unlock gets the secrets that the order of a task refers to; nil if it refers to none.
func (a *Agent) unlock(t *task) (*sealed, error) {
	if !secret.Used(t.order.Config) {
		return nil, nil
	}
	s := new(sealed)
	var texts []string
	values := make(map[string]string)
	if names := secret.In(t.order.Config); len(names) > 0 {
		if a.cfg.Secrets == nil {
			return nil, errNoSecrets
		}
		found, err := a.cfg.Secrets(t.ctx, &t.order, names)
		if err != nil {
			return nil, err
		}
		for name, v := range found {
			values[name], texts = v.Text, append(texts, v.Text)
			if v.At.After(s.at) {
				s.at = v.At
			}
		}
	}
	config, err := secret.Fill(t.order.Config, values)
	s.config, s.mask = config, secret.NewRedactor(texts...)
	s.texts = s.mask.Fresh()
	return s, err
}

// prepare gets the secrets of a task that is about to start.
func (a *Agent) prepare(t *task) error {
	s, err := a.unlock(t)
	switch {
	case err != nil && errors.Is(context.Cause(t.ctx), plugin.ErrStopped):
		return errNeverBegan
	case err != nil:
		return fmt.Errorf("not started: %w", err)
	case s != nil:
		t.sealed = s
		a.mu.Lock()
		t.secretsAt = s.at
		a.mu.Unlock()
	}
	return nil
}

// prepareAgain gets the secrets of an execution that an earlier process of this agent has started. If its executor can't wait, its output
// does.
func (a *Agent) prepareAgain(t *task, e plugin.Adopter) {
	if !secret.Used(t.order.Config) {
		return
	}
	if _, ok := e.(promptly); !ok {
		t.sealed = new(sealed)
		t.unseal(a.unlockAgain(t))
		return
	}
	t.sealed = &sealed{config: t.order.Config, ready: make(chan struct{}), early: []byte{}}
	go func() {
		defer close(t.sealed.ready)
		t.unseal(a.unlockAgain(t))
	}()
}

// unlockAgain asks for secrets until they are there, or are refused, or the execution must end. Without the values that the execution was
// given, its output is not shown.
func (a *Agent) unlockAgain(t *task) *sealed {
	for {
		s, err := a.unlock(t)
		switch {
		case err == nil && s.at.After(t.secretsAt):
			s.hidden = "a secret that it uses was changed while the agent was down"
			return s
		case err == nil:
			return s
		case s != nil || t.ctx.Err() != nil || errors.Is(err, dkron.ErrNotFound) || errors.Is(err, dkron.ErrForbidden) || errors.Is(err, errNoSecrets):
			return &sealed{config: t.order.Config, hidden: err.Error()}
		}
		a.cfg.Logger.Warn("an execution goes on, but its output is not shown yet: its secrets are needed to mask them, and no server gives them; trying again",
			"job", t.order.JobName, "group", t.order.Group, "error", err)
		select {
		case <-t.ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// unseal gives an adopted task its secrets, and writes what waited for them.
func (t *task) unseal(with *sealed) {
	t.writing.Lock()
	defer t.writing.Unlock()
	s := t.sealed
	early, lost := s.early, s.lost
	s.config, s.mask, s.texts, s.hidden, s.early = with.config, with.mask, with.texts, with.hidden, nil
	if s.hidden != "" {
		t.write(fmt.Appendf(nil, "[output after the restart of the agent is not shown: %s]\n", s.hidden))
		return
	}
	t.write(s.mask.Write(early))
	if lost > 0 {
		t.write(fmt.Appendf(nil, "\n[%d bytes are missing: they were written before the secrets were there by which they are masked]\n", lost))
	}
}

// configuration is what an executor gets.
func (t *task) configuration() map[string]string {
	if t.sealed == nil {
		return t.order.Config
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	return t.sealed.config
}

// masked returns what can be shown of a piece of output. The caller holds writing.
func (s *sealed) masked(chunk []byte) []byte {
	switch {
	case s.hidden != "":
		return nil
	case s.early != nil:
		n := min(len(chunk), maxEarly-len(s.early))
		s.early, s.lost = append(s.early, chunk[:n]...), s.lost+len(chunk)-n
		return nil
	}
	return s.mask.Write(chunk)
}

// await returns once the values are there, or will not come.
func (s *sealed) await() {
	if s.ready != nil {
		<-s.ready
	}
}

// text returns a text without secrets.
func (s *sealed) text(text string) string {
	if s == nil || text == "" {
		return text
	}
	if s.await(); s.hidden != "" {
		return "not shown: " + s.hidden
	}
	return s.texts.Text(text)
}

// bytes is text for what may be long.
func (s *sealed) bytes(data []byte) []byte {
	if s == nil {
		return data
	}
	if s.await(); s.hidden != "" {
		return []byte("[not shown: " + s.hidden + "]")
	}
	return s.texts.Bytes(data)
}

// shows reports whether data has a secret of the task in it. One that is adopted has its handle already.
func (s *sealed) shows(data []byte) bool {
	return s != nil && s.ready == nil && s.texts != nil && !bytes.Equal(s.texts.Bytes(data), data)
}

// hide masks what an executor has reported in a result.
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
	t.sealed.await()
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.sealed.hidden == "" {
		t.write(t.sealed.mask.End())
	}
}

// write adds output that can be shown.
func (t *task) write(chunk []byte) {
	if len(chunk) > 0 {
		t.output.write(chunk)
		t.whole.Write(chunk)
	}
}
