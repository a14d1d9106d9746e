package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

// noon is when everything begins in these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// past is a state with jobs that have a history.
type past struct {
	testing.TB
	*state.Store
	entries uint64
}

func newPast(t testing.TB, jobs ...string) *past {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	p := &past{TB: t, Store: store}
	p.change(func(tx *state.Tx) error {
		for _, name := range jobs {
			keep := dkron.Retention{Count: 100_000}
			j := &dkron.Job{Name: name, Number: tx.NewJobNumber(), Schedule: "@manually", Owner: name[:1], History: keep}
			if err := tx.PutJob(j, &dkron.Progress{History: keep}); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

func (p *past) change(fn func(tx *state.Tx) error) {
	p.Helper()
	p.entries++
	if err := p.Update(p.entries, fn); err != nil {
		p.Fatal(err)
	}
}

// one is a launch that began, or was due, some minutes after noon, and lasted so long.
type one struct {
	job   string
	at    float64 // minutes
	lasts float64
	state dkron.LaunchState
}

// add records launches in the order of their ends.
func (p *past) add(list ...one) {
	p.Helper()
	p.change(func(tx *state.Tx) error {
		for _, o := range list {
			j, progress, err := tx.Record(o.job)
			if err != nil {
				return err
			}
			begin, end := minutes(o.at), minutes(o.at+o.lasts)
			l := &dkron.Launch{
				Number: tx.NewLaunchNumber(), Job: o.job, JobNumber: j.Number, Group: begin.UnixNano(), Nominal: begin, Cause: dkron.CauseSchedule,
				State: o.state, CreatedAt: begin, ReadyAt: begin, Nodes: 1,
			}
			if o.state == dkron.LaunchFailed {
				l.Reason = "exit code 3"
			}
			if !o.state.Open() {
				l.EndedAt = end
				tx.Tick(end)
				err = tx.CloseLaunch(l, progress)
			} else {
				tx.PutLaunch(l)
			}
			if err != nil {
				return err
			}
			tx.PutProgress(j.Number, progress)
		}
		return nil
	})
}

func minutes(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Minute))) }

// query is everything of 256 minutes after noon, so that the slots have a minute.
func query() *SummaryQuery {
	q := &SummaryQuery{Every: true, Most: 1000}
	q.Since, q.Until = noon, noon.Add(256*time.Minute)
	return q
}

func (p *past) sum(q *SummaryQuery) (s *Summary) {
	p.Helper()
	err := p.View(func(tx *state.Tx) (err error) {
		s, err = q.Summarize(context.Background(), tx, p.Index(), minutes(200), time.Now().Add(time.Minute))
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
	return s
}

// picture writes a job as "a×3 failed2 success1 10–20: …", with launches as "10+1failed" and bands as "10–20×5failed".
func picture(s *Summary) string {
	var out []string
	at := func(t time.Time) string { return fmt.Sprint(t.Sub(noon).Minutes()) }
	for _, j := range s.Jobs {
		text := fmt.Sprintf("%s×%d %s–%s", j.Job, j.Count, at(j.First), at(j.Last))
		for _, state := range worst {
			if n := j.States[state]; n > 0 {
				text += fmt.Sprintf(" %s%d", state, n)
			}
		}
		text += ":"
		for _, l := range j.Launches {
			end := "…"
			if l.EndedAt != nil {
				end = at(*l.EndedAt)
			}
			text += fmt.Sprintf(" %s–%s%s", at(l.At), end, l.State)
		}
		for _, b := range j.Bands {
			text += fmt.Sprintf(" %s–%s×%d%s", at(b.At), at(b.Until), b.Count, b.State)
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

func expect(t *testing.T, s *Summary, want ...string) {
	t.Helper()
	if got := picture(s); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestAJobWithFewLaunchesHasThemAllAndANoisyOneHasBands(t *testing.T) {
	p := newPast(t, "noisy", "quiet", "idle")
	p.add(one{"quiet", -60, 1, dkron.LaunchFailed}) // before the period
	for i := range 60 {
		state := dkron.LaunchSuccess
		if i == 30 || i == 31 || i == 45 {
			state = dkron.LaunchFailed
		}
		p.add(one{"noisy", float64(i), 0.5, state})
		if i == 40 {
			p.add(one{"quiet", 30, 10.75, dkron.LaunchSuccess})
		}
	}
	p.add(one{"quiet", 61, 0, dkron.LaunchMissed}, one{"quiet", 180, 0, dkron.LaunchRunning}, one{"noisy", 300, 1, dkron.LaunchFailed})
	s := p.sum(query())
	expect(t, s,
		"noisy×60 0.5–59.5 failed3 success57: 0–29.5×30success 30–31.5×2failed 32–44.5×13success 45–45.5×1failed 46–59.5×14success",
		"quiet×3 40.75–180 missed1 running1 success1: 30–40.75success 61–61missed 180–…running")
	if s.Gap != 60 || s.Single != single || s.Truncated || s.Total != 63 || !s.Complete.Equal(noon) {
		t.Errorf("%+v", s)
	}
	if b := s.Jobs[0].Bands[1]; b.Bad != 2 || b.Busy != 60 {
		t.Errorf("%+v", b)
	}
	if j := s.Jobs[0]; j.Latest.State != dkron.LaunchSuccess || j.Bands[1].Launch != dkron.LaunchID("noisy", minutes(31).UnixNano()) {
		t.Errorf("%+v", j)
	}
	if j := s.Jobs[1]; j.Latest.State != dkron.LaunchRunning || j.Latest.EndedAt != nil {
		t.Errorf("%+v", j.Latest)
	}
}

func TestASummaryHasWhatTheFiltersSelect(t *testing.T) {
	p := newPast(t, "a", "b")
	p.add(one{"a", 1, 1, dkron.LaunchFailed}, one{"b", 2, 1, dkron.LaunchFailed}, one{"b", 3, 1, dkron.LaunchSuccess}, one{"a", 4, 1, dkron.LaunchRunning})
	failed := query()
	failed.Words = map[string]bool{"failed": true}
	expect(t, p.sum(failed), "a×1 2–2 failed1: 1–2failed", "b×1 3–3 failed1: 2–3failed")
	b := query()
	b.Every, b.Only = false, []*index.Entry{p.Index().Name("b")}
	expect(t, p.sum(b), "b×2 3–4 failed1 success1: 2–3failed 3–4success")
	none := query()
	none.Every = false
	expect(t, p.sum(none))
	manual := query()
	manual.Causes = map[string]bool{"manual": true}
	expect(t, p.sum(manual))
	sums := query()
	sums.Sums = true
	s := p.sum(sums)
	expect(t, s, "a×2 2–4 failed1 running1:", "b×2 3–4 failed1 success1:")
	if l := s.Jobs[1].Latest; l.State != dkron.LaunchSuccess || l.ID != dkron.LaunchID("b", minutes(3).UnixNano()) {
		t.Errorf("%+v", l)
	}
}

func TestASummaryKeepsToItsLimitAndCountsEverything(t *testing.T) {
	names := make([]string, 80)
	for i := range names {
		names[i] = fmt.Sprintf("j%02d", i)
	}
	p := newPast(t, names...)
	random := rand.New(rand.NewPCG(7, 8))
	states := []dkron.LaunchState{dkron.LaunchSuccess, dkron.LaunchSuccess, dkron.LaunchSuccess, dkron.LaunchFailed, dkron.LaunchStopped}
	var list []one
	for i := range 4000 {
		list = append(list, one{names[random.IntN(len(names)*(1+i%3)/3)], float64(i) * 0.06, random.Float64() * 0.06, states[random.IntN(len(states))]})
	}
	p.add(list...)
	for _, limit := range []int{50_000, 1500, 300, 80} {
		q := query()
		q.Most = limit
		s := p.sum(q)
		shown := 0
		for _, j := range s.Jobs {
			n, bad := len(j.Launches), 0
			for i, b := range j.Bands {
				n += b.Count
				if b.State == dkron.LaunchFailed {
					bad++
				}
				if i > 0 && b.Until.Before(j.Bands[i-1].Until) {
					t.Errorf("%d: %s is not in order", limit, j.Job)
				}
			}
			for _, l := range j.Launches {
				if l.State == dkron.LaunchFailed {
					bad++
				}
			}
			if n != j.Count || bad == 0 != (j.States[dkron.LaunchFailed] == 0) || len(j.Launches) > s.Single {
				t.Errorf("%d: %s has %d of %d, %d failed of %d", limit, j.Job, n, j.Count, bad, j.States[dkron.LaunchFailed])
			}
			shown += len(j.Launches) + len(j.Bands)
		}
		if s.Total != 4000 || s.Truncated || shown > limit {
			t.Errorf("%d: %d shown of %d launches, truncated %t", limit, shown, s.Total, s.Truncated)
		}
	}
	q := query()
	q.Most = 79
	if s := p.sum(q); len(s.Jobs) != 79 || !s.Truncated {
		t.Errorf("%d jobs, truncated %t", len(s.Jobs), s.Truncated)
	}
}

func TestASummaryThatTakesTooLongHasTheNewest(t *testing.T) {
	p := newPast(t, "a")
	for i := range 6 {
		list := make([]one, 100)
		for k := range list {
			list[k] = one{"a", float64(i*10) + float64(k)/10, 0, dkron.LaunchSuccess}
		}
		p.add(list...)
	}
	for _, every := range []bool{true, false} {
		q := query()
		q.Every, q.Only = every, []*index.Entry{p.Index().Name("a")}
		var s *Summary
		err := p.View(func(tx *state.Tx) (err error) {
			s, err = q.Summarize(context.Background(), tx, p.Index(), minutes(200), time.Now().Add(-time.Second))
			return err
		})
		if err != nil || !s.Truncated || s.Total != 255 || !s.Complete.After(minutes(30)) {
			t.Errorf("%+v, %v", s, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := p.View(func(tx *state.Tx) error {
		_, err := query().Summarize(ctx, tx, p.Index(), minutes(200), time.Now().Add(time.Minute))
		return err
	})
	if err == nil {
		t.Error("it continues for a client that is gone")
	}
}

// 20,000 jobs with 20 launches each in a week, of which every tenth job fails now and then.
func BenchmarkSummarize(b *testing.B) {
	const jobs, launches = 20_000, 20
	names := make([]string, jobs)
	for i := range names {
		names[i] = fmt.Sprintf("job-%05d", i)
	}
	p := newPast(b, names...)
	const step = 7 * 24 * 60.0 / launches
	for k := range launches {
		list := make([]one, jobs)
		for i := range list {
			state := dkron.LaunchSuccess
			if i%10 == 0 && k%7 == 0 {
				state = dkron.LaunchFailed
			}
			list[i] = one{names[i], float64(k)*step + float64(i)*step/jobs, 0.1, state}
		}
		p.add(list...)
	}
	now := minutes(7 * 24 * 60)
	for name, hours := range map[string]int{"day": 24, "week": 7 * 24} {
		for _, sums := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/sums=%t", name, sums), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					q := &SummaryQuery{Every: true, Most: 50_000, Sums: sums}
					q.Since, q.Until = now.Add(-time.Duration(hours)*time.Hour), now
					err := p.View(func(tx *state.Tx) error {
						s, err := q.Summarize(b.Context(), tx, p.Index(), now, time.Now().Add(time.Minute))
						b.ReportMetric(float64(s.Total), "launches")
						return err
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
