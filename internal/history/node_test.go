package history

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

// run is an execution that began some minutes after noon, and lasted so long; it runs if it has no outcome.
type run struct {
	job, node string
	at, lasts float64
	outcome   dkron.Outcome
}

func (p *past) ran(list ...run) {
	p.Helper()
	p.change(func(tx *state.Tx) error {
		for _, r := range list {
			j, progress, err := tx.Record(r.job)
			if err != nil {
				return err
			}
			begin, end := minutes(r.at), minutes(r.at+r.lasts)
			e := &dkron.Execution{
				JobName: r.job, JobNumber: j.Number, NodeName: r.node, Group: begin.UnixNano(), Attempt: 1, Nominal: begin, StartedAt: begin,
				Key: dkron.ExecutionKey{Launch: tx.NewLaunchNumber()}, Output: []byte(strings.Repeat("x", 3000)),
			}
			if r.outcome == dkron.Failed {
				e.Error = "exit code 3"
			}
			if r.outcome == "" {
				if err := tx.PutExecution(e); err != nil {
					return err
				}
				continue
			}
			e.FinishedAt, e.Outcome = end, r.outcome
			tx.Tick(end)
			if err := tx.RecordExecution(e, progress); err != nil {
				return err
			}
			tx.PutProgress(j.Number, progress)
		}
		return nil
	})
}

// every is executions that follow each other each minute.
func every(job, node string, from, count int, outcome dkron.Outcome) (list []run) {
	for i := range count {
		list = append(list, run{job, node, float64(from + i), 0.5, outcome})
	}
	return list
}

func nodeQuery() *NodeQuery { return &NodeQuery{SummaryQuery: *query(), DisplayName: noName} }

func noName(uint64) string { return "" }

func (p *past) byNode(q *NodeQuery) (s *NodeSummary) {
	p.Helper()
	err := p.View(func(tx *state.Tx) (err error) {
		s, err = q.Summarize(context.Background(), tx, minutes(200), time.Now().Add(time.Minute))
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
	return s
}

// nodes writes a node as "n×3 failed1 success2: a 10–11failed | a 10–20×5failed".
func nodes(s *NodeSummary) string {
	var out []string
	at := func(t time.Time) string { return fmt.Sprint(t.Sub(noon).Minutes()) }
	for _, n := range s.Nodes {
		text := fmt.Sprintf("%s×%d", n.Node, n.Count)
		for _, state := range worst {
			if count := n.States[state]; count > 0 {
				text += fmt.Sprintf(" %s%d", state, count)
			}
		}
		text += ":"
		for _, e := range n.Executions {
			end := "…"
			if e.EndedAt != nil {
				end = at(*e.EndedAt)
			}
			text += fmt.Sprintf(" %s %s–%s%s", e.Job, at(e.At), end, e.State)
		}
		text += " |"
		for _, b := range n.Bands {
			text += fmt.Sprintf(" %s %s–%s×%d%s", b.Job, at(b.At), at(b.Until), b.Count, b.State)
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

func expectNodes(t *testing.T, s *NodeSummary, want ...string) {
	t.Helper()
	if got := nodes(s); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestANodeHasItsQuietJobsOneByOneAndBandsOfTheNoisyOnes(t *testing.T) {
	p := newPast(t, "noisy", "quiet")
	p.ran(run{"quiet", "a", -60, 1, dkron.Failed}) // before the period
	p.ran(every("noisy", "a", 0, 30, dkron.Success)...)
	p.ran(every("noisy", "a", 30, 2, dkron.Failed)...)
	p.ran(run{"quiet", "b", 20, 13, dkron.Failed})
	p.ran(every("noisy", "a", 33, 10, dkron.Success)...)
	p.ran(run{"quiet", "a", 180, 0, ""})
	s := p.byNode(nodeQuery())
	expectNodes(t, s,
		"a×43 failed2 running1 success40: quiet 180–…running | noisy 0–29.5×30success noisy 30–31.5×2failed noisy 33–42.5×10success",
		"b×1 failed1: quiet 20–33failed |")
	if s.Total != 44 || s.Gap != 60 || s.Single != single || s.Truncated || !s.Complete.Equal(noon) {
		t.Errorf("%+v", s)
	}
	e, band := s.Nodes[1].Executions[0], s.Nodes[0].Bands[1]
	if e.Reason != "exit code 3" || e.Launch != dkron.LaunchID("quiet", minutes(20).UnixNano()) || !strings.HasSuffix(e.ID, "-b") || e.Attempt != 1 {
		t.Errorf("%+v", e)
	}
	if band.Bad != 2 || band.Busy != 60 || band.Launch != dkron.LaunchID("noisy", minutes(31).UnixNano()) {
		t.Errorf("%+v", band)
	}
}

func TestANodeOfManyNoisyJobsHasCommonBands(t *testing.T) {
	names := strings.Split("abcdefghi", "")
	p := newPast(t, append(names, "long")...)
	for _, name := range names {
		p.ran(every(name, "n", 100, 30, dkron.Success)...)
	}
	p.ran(run{"long", "n", 0, 130, dkron.TimedOut})
	want := "n×271 timed_out1 success270: long 0–130timed_out |  100–129.5×270success"
	expectNodes(t, p.byNode(nodeQuery()), want)

	one := nodeQuery()
	one.Nodes = []string{"n"}
	if s := p.byNode(one); len(s.Nodes[0].Bands) != len(names) || s.Nodes[0].Bands[8].Job != "i" {
		t.Error(nodes(s))
	}
	one.Nodes = []string{"other"}
	expectNodes(t, p.byNode(one))
}

func TestALongExecutionMakesNoLongBandOfOthers(t *testing.T) {
	p := newPast(t, "a", "long")
	p.ran(every("a", "n", 100, 30, dkron.Success)...)
	p.ran(run{"long", "n", 0, 130, dkron.Success})
	q := nodeQuery()
	q.Most = 1
	expectNodes(t, p.byNode(q), "n×31 success31: |  100–130×31success")
}

func TestNodesAreSummedUpUntilTheyFit(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("j%02d", i))
	}
	p := newPast(t, names...)
	var list []run
	for i := range 4000 {
		outcome := dkron.Success
		if i%7 == 0 {
			outcome = dkron.Failed
		}
		list = append(list, run{names[i%60], "n" + fmt.Sprint(i%3), float64(i) * 0.05, 0.01, outcome})
	}
	p.ran(list...)
	for _, limit := range []int{50_000, 500, 60, 3} {
		for _, only := range [][]string{nil, {"n1"}} {
			q := nodeQuery()
			q.Most, q.Nodes = limit, only
			s, shown, sum := p.byNode(q), 0, 0
			for _, n := range s.Nodes {
				shown += len(n.Executions) + len(n.Bands)
				sum += len(n.Executions)
				for _, b := range n.Bands {
					sum += b.Count
				}
			}
			if want := map[bool]int{true: 4000, false: 1333}[only == nil]; sum != want || s.Total != want || s.Truncated || shown > limit {
				t.Errorf("limit %d, %v: %d of %d shown as %d, truncated %t", limit, only, sum, s.Total, shown, s.Truncated)
			}
		}
	}
}

func TestANodeSummaryHasWhatTheFiltersSelect(t *testing.T) {
	p := newPast(t, "a", "b")
	p.ran(run{"a", "n", 1, 1, dkron.Failed}, run{"b", "n", 2, 1, dkron.Failed}, run{"b", "n", 3, 1, dkron.Success}, run{"a", "n", 4, 1, ""})
	failed := nodeQuery()
	failed.Words = map[string]bool{"failed": true}
	expectNodes(t, p.byNode(failed), "n×2 failed2: a 1–2failed b 2–3failed |")
	b := nodeQuery()
	b.Every, b.Only = false, []*index.Entry{p.Index().Name("b")}
	expectNodes(t, p.byNode(b), "n×2 failed1 success1: b 2–3failed b 3–4success |")
	none := nodeQuery()
	none.Every = false
	expectNodes(t, p.byNode(none))
	sums := nodeQuery()
	sums.Sums = true
	expectNodes(t, p.byNode(sums), "n×4 failed2 running1 success1: |")
}

func TestANodeSummaryThatTakesTooLongHasTheNewest(t *testing.T) {
	p := newPast(t, "a")
	p.ran(every("a", "n", 0, 240, dkron.Success)...)
	for i := range 6 {
		list := make([]run, 100)
		for k := range list {
			list[k] = run{"a", "n", float64(i*10) + float64(k)/10, 0, dkron.Success}
		}
		p.ran(list...)
	}
	for _, all := range []bool{true, false} {
		q := nodeQuery()
		q.Every, q.Only = all, []*index.Entry{p.Index().Name("a")}
		err := p.View(func(tx *state.Tx) error {
			s, err := q.Summarize(context.Background(), tx, minutes(200), time.Now().Add(-time.Second))
			if err == nil && (!s.Truncated || s.Total >= 256 || !s.Complete.After(noon)) {
				t.Errorf("%+v", s)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// 20,000 jobs with 20 executions each in a week on 100 nodes.
func BenchmarkSummarizeByNode(b *testing.B) {
	const jobs, runs = 20_000, 20
	names := make([]string, jobs)
	for i := range names {
		names[i] = fmt.Sprintf("job-%05d", i)
	}
	p := newPast(b, names...)
	const step = 7 * 24 * 60.0 / runs
	for k := range runs {
		list := make([]run, jobs)
		for i := range list {
			outcome := dkron.Success
			if i%10 == 0 && k%7 == 0 {
				outcome = dkron.Failed
			}
			list[i] = run{names[i], fmt.Sprintf("node-%02d", (i+k)%100), float64(k)*step + float64(i)*step/jobs, 0.1, outcome}
		}
		p.ran(list...)
	}
	now := minutes(7 * 24 * 60)
	for name, hours := range map[string]int{"day": 24, "week": 7 * 24} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q := &NodeQuery{SummaryQuery: SummaryQuery{Every: true, Most: 50_000}, DisplayName: noName}
				q.Since, q.Until = now.Add(-time.Duration(hours)*time.Hour), now
				err := p.View(func(tx *state.Tx) error {
					s, err := q.Summarize(b.Context(), tx, now, time.Now().Add(time.Minute))
					b.ReportMetric(float64(s.Total), "executions")
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
