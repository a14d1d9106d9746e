package emailoutput

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/internal/mail/mailtest"
	"dkron/plugin"
)

// world is a processor with its file and a mail server.
type world struct {
	*Processor
	t    *testing.T
	exim *mailtest.Exim
	dir  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, exim: mailtest.StartExim(t), dir: t.TempDir()}
	w.Processor = New([]string{w.dir}, slog.New(slog.DiscardHandler))
	return w
}

// write writes the file.
func (w *world) write(more string) {
	w.t.Helper()
	text := fmt.Sprintf("ops:\n  host: 127.0.0.1\n  port: %d\n  from: dkron@example.com\n  tlsRootCAsFile: %s\n%s", w.exim.Port, w.exim.CAFile, more)
	if err := os.WriteFile(filepath.Join(w.dir, "dkron-processor-email.yml"), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

const login = "  username: " + mailtest.Username + "\n  password: " + mailtest.Password + "\n"

func result(config map[string]string, success bool) *plugin.ProcessRequest {
	at := time.Date(2026, 11, 23, 7, 23, 14, 314814442, time.UTC)
	r := &plugin.ProcessRequest{
		JobName: "backup", NodeName: "node1", ReportingNode: "leader", ExecutionID: "1764405600000000001-node1", Group: 1764405600000000001, Attempt: 1,
		StartedAt: at, FinishedAt: at.Add(time.Second), Success: success, Outcome: "success", Output: []byte("copied\n"), Config: config,
	}
	if !success {
		r.Outcome, r.Output = "failed", []byte("exit status 3\n")
	}
	return r
}

func TestAReportGoesToAllRecipientsOfAFailure(t *testing.T) {
	w := newWorld(t)
	config := map[string]string{"provider": "ops", "emails": "ops@closed.test, dba@closed.test"}
	if _, err := w.Process(t.Context(), result(config, false)); err == nil || !strings.Contains(err.Error(), "there is no file dkron-processor-email.yml in "+w.dir) {
		t.Error(err)
	}
	w.write(login) // fixed
	resp, err := w.Process(t.Context(), result(config, false))
	if err != nil || resp.Output != nil {
		t.Fatalf("%v, %v", resp, err)
	}
	all := w.exim.Delivered(t, 2)
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(all[0].Text)))
	const want = `Executed: backup
Reporting node: leader
Start time: 2026-11-23 07:23:14.314814442 +0000 UTC
End time: 2026-11-23 07:23:15.314814442 +0000 UTC
Success: false
Node: node1
Output: exit status 3

Execution group: 1764405600000000001
	[Node]: node1 [Start]: 2026-11-23 07:23:14.314814442 +0000 UTC [End]: 2026-11-23 07:23:15.314814442 +0000 UTC [Success]: false
`
	if got := strings.ReplaceAll(string(text), "\r\n", "\n"); err != nil || strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("%v\n%s", err, got)
	}
	if h := all[0].Header; h.Get("Subject") != "[Dkron]Failed backup execution report" || h.Get("Message-Id") != "<backup.1764405600000000001-node1@example.com>" ||
		all[0].To == all[1].To {
		t.Errorf("%v %v", h, all[1].To)
	}
	if resp, err = w.Process(t.Context(), result(config, true)); err != nil || resp.Output != nil { // of a success nobody wants to know
		t.Errorf("%v, %v", resp, err)
	}
	w.write(login + "  subjectPrefix: \"\"\n")
	config["onSuccess"], config["forward"] = "true", "false"
	resp, err = w.Process(t.Context(), result(config, true))
	if err != nil || string(resp.Output) != "Output sent to ops@closed.test, dba@closed.test" {
		t.Errorf("%v, %v", resp, err)
	}
	found := false
	for _, m := range w.exim.Delivered(t, 4) {
		found = found || m.Header.Get("Subject") == "Success backup execution report"
	}
	if !found {
		t.Error("no mail about the success")
	}
}

func TestOnlyThoseWhoHaveNoMessageYetAreTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.write(login)
	config := map[string]string{"provider": "ops", "emails": "ops@a.test, refused@a.test, later@a.test"}
	if _, err := w.Process(t.Context(), result(config, false)); err == nil || errors.Is(err, plugin.ErrUndeliverable) || !strings.Contains(err.Error(), "451 greylisted") {
		t.Fatal(err)
	}
	w.exim.Relent(t)
	_, err := w.Process(t.Context(), result(config, false))
	if !errors.Is(err, plugin.ErrUndeliverable) || !strings.Contains(err.Error(), "refused@a.test was refused: 550 no such mailbox") || strings.Contains(err.Error(), "ops@") {
		t.Error(err)
	}
	if all := w.exim.Delivered(t, 2); len(all) != 2 || all[0].To == all[1].To {
		t.Errorf("%v", all)
	}
	if len(w.served.byID)+len(w.served.order) > 0 {
		t.Errorf("still remembered: %v", w.served.byID)
	}
	w.write("") // no login
	if _, err := w.Process(t.Context(), result(config, false)); !errors.Is(err, plugin.ErrUndeliverable) || strings.Count(err.Error(), "550") != 3 {
		t.Error(err)
	}
}

func TestALongOutputIsCutInTheMiddle(t *testing.T) {
	w := newWorld(t)
	w.write(login)
	r := result(map[string]string{"provider": "ops", "emails": "ops@a.test"}, false)
	r.Output = []byte("begin\n" + strings.Repeat("0123456789\n", 25_000) + "end\n")
	if _, err := w.Process(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	text := w.exim.Delivered(t, 1)[0].Text
	if !strings.Contains(text, "begin") || !strings.Contains(text, "\nend") || !strings.Contains(text, "209474 bytes are left out here") || len(text) > 120_000 {
		t.Errorf("%d bytes", len(text))
	}
}
