package webui

import (
	"net"
	"strings"
	"testing"
)

func TestThePageIsNamedAsABrowserOpensIt(t *testing.T) {
	for addr, want := range map[string]string{
		"[::]:8080":      "http://localhost:8080/ui/",
		"0.0.0.0:80":     "http://localhost:80/ui/",
		"127.0.0.1:8080": "http://127.0.0.1:8080/ui/",
		"[fd00::1]:8080": "http://[fd00::1]:8080/ui/",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := URL(tcp, false); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
		if got, want := URL(tcp, true), strings.Replace(want, "http", "https", 1); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
}
