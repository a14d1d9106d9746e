//go:build linux

package shell_test

import (
	"os/exec"
	"testing"

	"dkron/builtin/shell"
	"dkron/plugin"
)

type silent struct{}

func (silent) Write([]byte, bool)   {}
func (silent) Started([]byte) error { return nil }

var _ plugin.Status = silent{}

// BenchmarkExecuteTrue is to be compared with BenchmarkOSExecTrue at equal -cpu.
func BenchmarkExecuteTrue(b *testing.B) {
	e := shell.New(shell.Options{})
	config := map[string]string{"command": "true"}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		req := request(config)
		for pb.Next() {
			if resp, err := e.Execute(b.Context(), req, silent{}); err != nil || resp.Error != "" {
				b.Error(resp, err)
				return
			}
		}
	})
}

func BenchmarkOSExecTrue(b *testing.B) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := exec.Command("true").Run(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkOSExecTrueOutput is the plain loop that also reads the output.
func BenchmarkOSExecTrueOutput(b *testing.B) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := exec.Command("true").CombinedOutput(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
