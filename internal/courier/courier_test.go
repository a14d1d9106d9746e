package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/compat"
	"dkron/internal/control"
	"dkron/internal/objective"
	"dkron/internal/request"
	"dkron/internal/state"
)

// memoryLog is a log whose entries are committed at once.
type memoryLog struct {
	store   *state.Store
	machine *command.Machine

	mu    sync.Mutex // guards index, and orders the entries
	index uint64
}

func (l *memoryLog) Propose(_ context.Context, data []byte) (any, uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.index++
	return l.machine.Apply([]command.Entry{{Index: l.index, Data: data}})[0], l.index, nil
}

func (l *memoryLog) Leads() error                              { return nil }
func (l *memoryLog) ReadIndex(context.Context) (uint64, error) { return l.store.Applied() }
func (l *memoryLog) Lowest(context.Context) (uint64, string, error) {
	return compat.Protocol, "s1", nil
}

type fleet struct{}

func (fleet) Reach() dkron.Reach { return dkron.Reach{Live: []dkron.Node{{Name: "n1", Alive: true}}} }

// recorder is a sender that records what it is given, and fails if it is asked to.
type recorder struct {
	mu    sync.Mutex // guards what follows
	lines []string   // "at id event×count …"
	fails error
}

func (s *recorder) Send(_ context.Context, _ *dkron.Channel, b *dkron.Brief) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := time.Now().UTC().Format("01-02 15:04:05") + " " + b.ID
	for _, it := range b.Items {
		line += fmt.Sprintf(" %s×%d", it.Event, it.Count)
	}
	s.lines = append(s.lines, line)
	return s.fails
}

func (s *recorder) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.lines
	s.lines = nil
	return taken
}

type world struct {
	t       *testing.T
	store   *state.Store
	log     *memoryLog
	control *control.Control
	sender  *recorder
}

// newWorld has the job a, the channel c and a rule that names it.
func newWorld(t *testing.T, rule dkron.Rule) *world {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w := &world{t: t, store: store, sender: new(recorder)}
	w.log = &memoryLog{store: store, machine: command.NewMachine(store, slog.New(slog.DiscardHandler), func(err error) { panic(err) })}
	w.control = control.New(control.Config{Log: w.log, State: store, Fleet: fleet{}, Judge: func(*dkron.Job) []dkron.Problem { return nil }})
	rule.Name, rule.Channels = "r", []string{"c"}
	for _, r := range []request.Request{
		&request.SetChannel{Channel: dkron.Channel{Name: "c", Type: "webhook"}}, &request.SetRule{Rule: rule},
		&request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: "a", Schedule: "@manually", Executor: "shell"}}},
	} {
		w.do(r)
	}
	return w
}

func (w *world) do(r request.Request) request.Reply {
	w.t.Helper()
	reply, _, err := w.control.Do(w.t.Context(), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply
}

func (w *world) ends(o dkron.Outcome) {
	w.t.Helper()
	l := w.do(&request.RunJob{Job: "a", Cause: dkron.CauseManual}).(*request.Launched).Launch
	now := time.Now().UTC()
	key := dkron.ExecutionKey{Launch: l.Number}
	err := w.control.Finish(w.t.Context(), []dkron.Result{{Key: key, Group: l.Group, Attempt: 1, NodeName: "n1", JobName: "a", StartedAt: now, FinishedAt: now, Outcome: o}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// leads runs a courier; the returned function ends its term.
func (w *world) leads() func() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = New(Config{
			Node: "s1", Cluster: func() string { return "k" }, Link: func() string { return "" }, State: w.store, Recorder: w.control, Sender: w.sender, Breaches: objective.NewBoard(w.store).EachBreach,
			Logger: slog.New(slog.DiscardHandler),
		}).Run(ctx)
	}()
	return func() { cancel(); <-done }
}

// want waits for the courier to have done all, and compares what was sent.
func (w *world) want(lines ...string) {
	w.t.Helper()
	time.Sleep(500 * time.Millisecond)
	synctest.Wait()
	if is := w.sender.take(); !slices.Equal(is, lines) {
		w.t.Errorf("sent:\n%s\nwant\n%s", strings.Join(is, "\n"), strings.Join(lines, "\n"))
	}
}

func sleepUntil(t *testing.T, at string) {
	t.Helper()
	to, err := time.Parse("2006-01-02 15:04:05", at)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(to))
}

func TestWhatHappensAtNightIsToldInTheMorningAlsoWhenTheClocksChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"failed"}, Quiet: dkron.Quiet{From: "22:00", To: "07:00", Zone: "Europe/Berlin"}})
		sleepUntil(t, "2000-03-25 21:30:00") // 22:30; at 02:00 it is 03:00
		defer w.leads()()
		w.ends(dkron.Failed)
		w.ends(dkron.Failed)
		sleepUntil(t, "2000-03-26 04:59:59")
		w.want()
		sleepUntil(t, "2000-03-26 05:00:11")
		synctest.Wait()
		if is := w.sender.take(); len(is) != 1 || !strings.HasPrefix(is[0], "03-26 05:00:") || !strings.HasSuffix(is[0], "failed×2") {
			t.Errorf("sent: %q", is)
		}
	})
}

func TestAMessageIsSentAtOnceAndThenAtMostTenAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"failed"}})
		defer w.leads()()
		time.Sleep(time.Second)
		began := time.Now()
		for range 600 { // ten a second
			w.ends(dkron.Failed)
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		in := w.sender.take()
		if len(in) != 10 || !strings.HasPrefix(in[0], began.UTC().Format("01-02 15:04:05")) {
			t.Errorf("%d messages in a minute: %q", len(in), in)
		}
		time.Sleep(10 * time.Second)
		total := 0
		for _, line := range append(in, w.sender.take()...) {
			var n int
			_, count, _ := strings.Cut(line, "×")
			_, _ = fmt.Sscan(count, &n)
			total += n
		}
		if total != 600 {
			t.Errorf("%d were sent", total)
		}
	})
}

func TestRemindersComeUntilSomebodyAcknowledges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"failed", "recovered"}, Remind: time.Hour})
		stop := w.leads()
		w.ends(dkron.Failed)
		w.want("01-01 00:00:00 k/message/1 failed×1")
		time.Sleep(59 * time.Minute)
		w.want()
		stop() // the next leader reminds
		stop = w.leads()
		time.Sleep(2 * time.Minute)
		w.want("01-01 01:00:00 k/message/2 reminder×1")
		time.Sleep(time.Hour)
		w.want("01-01 02:00:00 k/message/3 reminder×1")
		w.do(&request.AckAlert{Alert: 1})
		time.Sleep(5 * time.Hour)
		w.want()
		w.ends(dkron.Success)
		w.want("01-01 07:01:02 k/message/4 recovered×1")
		time.Sleep(5 * time.Hour)
		w.want()
		stop()
	})
}

// Somebody who disables a job has dealt with it for now: reminders pause, which is said once, and go on when it is enabled.
func TestRemindersPauseWhileAJobIsDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"failed", "recovered"}, Remind: time.Hour})
		stop := w.leads()
		w.ends(dkron.Failed)
		w.want("01-01 00:00:00 k/message/1 failed×1")
		time.Sleep(10 * time.Minute)
		w.do(&request.ToggleJob{Job: "a"})
		w.want("01-01 00:10:00 k/message/2 disabled×1")
		time.Sleep(24 * time.Hour)
		stop() // the next leader keeps to it
		stop = w.leads()
		time.Sleep(24 * time.Hour)
		w.want()
		w.do(&request.ToggleJob{Job: "a"})
		time.Sleep(59 * time.Minute)
		w.want()
		time.Sleep(time.Minute)
		if is := w.sender.take(); len(is) != 1 || !strings.HasSuffix(is[0], "reminder×1") {
			t.Errorf("sent %q", is)
		}
		w.ends(dkron.Success)
		time.Sleep(time.Minute)
		if is := w.sender.take(); len(is) != 1 || !strings.HasSuffix(is[0], "k/message/4 recovered×1") {
			t.Errorf("sent %q", is)
		}
		stop()
	})
}

func TestAMessageIsTriedForADayAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"failed"}})
		defer w.leads()()
		w.sender.fails = errors.New("no route")
		w.ends(dkron.Failed)
		time.Sleep(23 * time.Hour)
		state := func() (s dkron.MessageState, attempts uint64) {
			_ = w.store.View(func(tx *state.Tx) error {
				m, err := tx.Message(1)
				if err == nil {
					s, attempts = m.State, m.Attempts
				}
				return err
			})
			return s, attempts
		}
		if s, n := state(); s != dkron.MessageWaiting || n < 270 || n > 290 {
			t.Errorf("%s after %d attempts", s, n)
		}
		time.Sleep(2 * time.Hour)
		if s, _ := state(); s != dkron.MessageFailed {
			t.Error(s)
		}
		w.sender.take()
		w.do(&request.ResendMessage{Number: 1})
		time.Sleep(time.Second / 2) // less than the pause before it is tried again
		synctest.Wait()
		if is := w.sender.take(); len(is) != 1 || !strings.Contains(is[0], "k/message/1 ") {
			t.Errorf("sent: %q", is)
		}
	})
}

type refused struct{}

func (refused) Error() string   { return "no such channel" }
func (refused) Permanent() bool { return true }

func TestARefusalIsFinalAfterHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"failed"}})
		defer w.leads()()
		w.sender.fails = refused{}
		w.ends(dkron.Failed)
		time.Sleep(time.Hour)
		synctest.Wait()
		if is := w.sender.take(); len(is) != maxRefusals {
			t.Errorf("%d attempts: %q", len(is), is)
		}
	})
}

// refusesOne is the error of a mail server that takes a message for all recipients but one.
type refusesOne struct{}

func (refusesOne) Error() string { return "b@x.test refused: 550 no such mailbox" }
func (refusesOne) Partly() bool  { return true }

func TestAMessageThatSomeoneCannotGetIsSentAndSaysWho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{dkron.AlertFailed}})
		w.sender.fails = fmt.Errorf("mail: %w", refusesOne{})
		defer w.leads()()
		w.ends(dkron.Failed)
		w.want("01-01 00:00:00 k/message/1 failed×1")
		time.Sleep(time.Hour)
		w.want()
		err := w.store.View(func(tx *state.Tx) error {
			m, err := tx.Message(1)
			if err != nil {
				return err
			}
			s, err := tx.ChannelStat("c")
			if m.State != dkron.MessageSent || m.Error != "mail: b@x.test refused: 550 no such mailbox" || m.Attempts != 0 || s.Sent != 1 || s.LastError != m.Error {
				t.Errorf("%+v %+v", m, s)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestAMessageWaitsForASecretThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{dkron.AlertFailed}})
		w.sender.fails = fmt.Errorf("settings.url: %w", dkron.Error(dkron.ErrNotFound, "secret slack-url does not exist"))
		defer w.leads()()
		w.ends(dkron.Failed)
		w.want("01-01 00:00:00 k/message/1 failed×1")
		w.sender.mu.Lock()
		w.sender.fails = nil // somebody creates it
		w.sender.mu.Unlock()
		time.Sleep(time.Minute)
		w.want("01-01 00:00:01 k/message/1 failed×1")
	})
}
