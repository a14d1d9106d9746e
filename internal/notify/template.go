package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"time"

	"dkron"
)

// view is what templates see. Names and types are those of v4.
type view struct {
	Report        string
	JobName       string
	ReportingNode string
	StartTime     time.Time
	FinishedAt    time.Time // year 1 as long as it has not ended
	Success       string    // true or false
	NodeName      string
	Output        string
}

func newView(n *dkron.Notice) *view {
	e := n.Execution
	v := &view{
		JobName: e.JobName, ReportingNode: n.Reporting, StartTime: e.StartedAt.UTC(), FinishedAt: e.FinishedAt.UTC(),
		Success: success(e), NodeName: e.NodeName, Output: string(e.Text()),
	}
	v.Report = report(v, e.Group, n.Launch)
	return v
}

func success(e *dkron.Execution) string { return strconv.FormatBool(e.Outcome == dkron.Success) }

// report returns a summary for people, in the layout of v4.
func report(v *view, group int64, launch []*dkron.Execution) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Executed: %s\nReporting node: %s\nStart time: %s\nEnd time: %s\nSuccess: %s\nNode: %s\nOutput: %s\nExecution group: %d\n",
		v.JobName, v.ReportingNode, v.StartTime, v.FinishedAt, v.Success, v.NodeName, v.Output, group)
	for _, e := range launch {
		fmt.Fprintf(&b, "\t[Node]: %s [Start]: %s [End]: %s [Success]: %s\n", e.NodeName, e.StartedAt.UTC(), e.FinishedAt.UTC(), success(e))
	}
	return b.String()
}

// functions are what templates can call beyond those of the language.
var functions = template.FuncMap{
	// json returns a value as JSON, a text with its quotes, so that nothing in it can end the text.
	"json": func(v any) (string, error) {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		err := enc.Encode(v)
		return strings.TrimSuffix(b.String(), "\n"), err
	},
}

// maxBody is how many bytes a template may make.
const maxBody = 4 << 20

// body is a template that was tried out.
type body struct{ template *template.Template }

// template reads the template of a setting, and tries it out. It returns nil if there is none, or if it is refused.
func (b *builder) template(setting, text string) *body {
	if text == "" {
		return nil
	}
	t, err := template.New(setting).Funcs(functions).Parse(text)
	if err != nil {
		b.refuse(setting, "the template can't be read: %v", err)
		return nil
	}
	parsed := &body{t}
	for _, n := range samples() {
		_, err := parsed.render(n)
		switch {
		case err == nil:
		case strings.Contains(err.Error(), "can't evaluate field"):
			b.refuse(setting, "%v; there are .Report .JobName .ReportingNode .StartTime .FinishedAt .Success .NodeName and .Output", err)
			return nil
		default:
			b.doubt(setting, "the template fails with an execution made up for a try: %v", err)
			return parsed
		}
	}
	return parsed
}

// samples are notices to try a template with.
func samples() []*dkron.Notice {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	failed := &dkron.Execution{
		JobName: "example", NodeName: "node1", Group: at.UnixNano(), Attempt: 1, StartedAt: at, FinishedAt: at.Add(time.Second),
		Outcome: dkron.Failed, Error: "exit status 1", Output: []byte("an output of \"two\"\nlines\n"),
	}
	good := *failed
	good.Outcome, good.Error = dkron.Success, ""
	begun := &dkron.Execution{JobName: "example", NodeName: "node1", Group: at.UnixNano(), Attempt: 1, StartedAt: at}
	return []*dkron.Notice{
		{Kind: dkron.DeliverEnd, Reporting: "node2", Execution: failed, Launch: []*dkron.Execution{failed}},
		{Kind: dkron.DeliverEnd, Reporting: "node2", Execution: &good, Launch: []*dkron.Execution{&good}},
		{Kind: dkron.DeliverStart, Reporting: "node2", Execution: begun},
	}
}

// render returns the text for a notice.
func (b *body) render(n *dkron.Notice) (string, error) {
	out := new(bounded)
	if err := b.template.Execute(out, newView(n)); err != nil {
		return "", refusal(strings.TrimPrefix(err.Error(), "template: "))
	}
	return out.String(), nil
}

// bounded is a text that does not grow for ever.
type bounded struct{ strings.Builder }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxBody {
		return 0, fmt.Errorf("the text is longer than %d MiB", maxBody>>20)
	}
	return b.Builder.Write(p)
}

// refusal is an error that another attempt will hardly mend.
type refusal string

func (r refusal) Error() string { return string(r) }

// Permanent reports that it is one.
func (refusal) Permanent() bool { return true }
