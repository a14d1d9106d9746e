package app

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// promtool runs Prometheus' own tool.
func promtool(t *testing.T, stdin string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("promtool is missing; on Debian: apt-get install prometheus")
		}
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), path, args...)
	c.Stdin = strings.NewReader(stdin)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

const (
	deployedRules     = "../../deploy/prometheus/dkron.rules.yml"
	deployedDashboard = "../../deploy/grafana/dkron.json"
)

// expressions returns the queries of the rules and of the dashboard, by where they are.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	rules, err := os.ReadFile(deployedRules)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)- alert: (\w+)\n\s+expr: (.*)$`).FindAllStringSubmatch(string(rules), -1) {
		out["rule "+m[1]] = m[2]
	}
	raw, err := os.ReadFile(deployedDashboard)
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
		Annotations struct{ List []struct{ Name, Expr string } }
		Templating  struct {
			List []struct{ Name, Definition string }
		}
	}
	if err := json.Unmarshal(raw, &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		for _, q := range p.Targets {
			out["panel "+p.Title+" "+q.RefID] = q.Expr
		}
	}
	for _, a := range board.Annotations.List {
		out["annotation "+a.Name] = a.Expr
	}
	for _, v := range board.Templating.List {
		out["variable "+v.Name] = v.Definition
	}
	return out
}

// What the rules and the dashboard ask for exists on a real node, and Prometheus' own tool has nothing against them.
func TestRulesAndDashboardNameOnlySeriesThatANodeHas(t *testing.T) {
	_, text := ranServer(t)
	all := expressions(t)
	if len(all) < 60 {
		t.Errorf("only %d expressions were found", len(all))
	}
	series := regexp.MustCompile(`\bdkron_\w+`)
	names := 0
	for where, expr := range all {
		for _, name := range series.FindAllString(expr, -1) {
			names++
			if !strings.Contains(text, "\n"+name+" ") && !strings.Contains(text, "\n"+name+"{") {
				t.Errorf("%s: no series %s in /metrics", where, name)
			}
		}
		checkLabels(t, where, expr, text)
	}
	if names < 60 {
		t.Errorf("only %d names were found", names)
	}
	promtool(t, "", "check", "rules", deployedRules)
	promtool(t, "", "test", "rules", "../../deploy/prometheus/dkron.rules_test.yml")
	rules := "groups:\n  - name: dashboard\n    rules:\n"
	for where, expr := range all {
		if strings.HasPrefix(where, "panel") {
			expr = strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(expr)
			quoted, _ := json.Marshal(expr)
			rules += "      - {record: x:y, labels: {of: '" + strings.ReplaceAll(where, "'", "") + "'}, expr: " + string(quoted) + "}\n"
		}
	}
	promtool(t, "", "check", "rules", written(t, rules))
}

// checkLabels looks for the labels that an expression selects by.
func checkLabels(t *testing.T, where, expr, text string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`\b(dkron_\w+)\{([^}]*)\}`).FindAllStringSubmatch(expr, -1) {
		for _, l := range regexp.MustCompile(`(\w+)(=~|!=|=)"([^"]*)"`).FindAllStringSubmatch(m[2], -1) {
			label, op, value := l[1], l[2], l[3]
			if label == "instance" { // Prometheus adds it
				continue
			}
			if op != "=~" {
				value = regexp.QuoteMeta(value)
			}
			if !regexp.MustCompile(`(?m)^` + m[1] + `\{[^}]*\b` + label + `="(` + value + `)"`).MatchString(text) {
				t.Errorf("%s: no series %s with %s", where, m[1], l[0])
			}
		}
	}
}

func written(t *testing.T, text string) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "*.yml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// Prometheus' linter is told of every name; those of v4 and of the libraries are not ours to choose.
func TestPromtoolReadsAllMetrics(t *testing.T) {
	n, text := ranServer(t)
	legacy := make(map[string]bool)
	for _, s := range n.metrics.Catalog() {
		legacy[s.Name] = s.Legacy
	}
	var ours strings.Builder
	for line := range strings.Lines(text) {
		name := regexp.MustCompile(`dkron_\w+|go_\w+|process_\w+`).FindString(line)
		base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if was, known := legacy[name]; known && !was {
			ours.WriteString(line)
		} else if was, known := legacy[base]; known && !was {
			ours.WriteString(line)
		}
	}
	if ours.Len() < 10_000 {
		t.Fatalf("only %d bytes of metrics", ours.Len())
	}
	promtool(t, ours.String(), "check", "metrics")
}
