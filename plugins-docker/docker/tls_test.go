//go:build linux

package docker

import (
	"strconv"
	"strings"
	"testing"

	"dkron/internal/certtest"
	"dkron/internal/porttest"
	"dkron/plugins-docker/internal/enginetest"
)

func TestAnEngineAndItsUserProveThemselvesByTLS(t *testing.T) {
	address := porttest.Addr(t)
	own, strange := certtest.Make(t, t.TempDir()), certtest.Make(t, t.TempDir())
	e := enginetest.New(t, "--host=tcp://"+address, "--tlsverify", "--tlscacert="+own.Certificate, "--tlscert="+own.Certificate, "--tlskey="+own.Key)
	config := with(on(e, "command", "echo hello", "host", "tcp://"+address),
		"tlsRootCAsFile", own.Certificate, "tlsCertificateFile", own.Certificate, "tlsCertificateKeyFile", own.Key)
	if response, out := execute(t, config); response.Error != "" || out != "hello\n" {
		t.Errorf("%+v, output %q", response, out)
	}
	for name, x := range map[string]struct {
		config map[string]string
		advice string
	}{
		"without TLS":                  {on(e, "command", "true", "host", "tcp://"+address), " wants TLS; set tlsRootCAsFile"},
		"without the authority":        {with(config, "tlsRootCAsFile", strange.Certificate), "name the authority's file in tlsRootCAsFile"},
		"with a certificate of others": {with(config, "tlsCertificateFile", strange.Certificate, "tlsCertificateKeyFile", strange.Key), "check tlsCertificateFile"},
	} {
		t.Run(name, func(t *testing.T) {
			if response, _ := execute(t, x.config); response.Error == "" || !strings.Contains(response.Reason, x.advice) {
				t.Errorf("%+v", response)
			}
		})
	}
}

func TestAPrivilegedContainerHasAllRights(t *testing.T) {
	e := shared.Get(t)
	const mayMount = 1 << 21 // CAP_SYS_ADMIN
	config := on(e, "command", "cat /proc/self/status")
	for _, x := range []struct {
		privileged string
		want       bool
	}{{"false", false}, {"true", true}} {
		response, out := execute(t, with(config, "privileged", x.privileged))
		if x.want && strings.Contains(response.Error, "unable to apply caps") {
			continue // all rights were asked for, and the engine of this machine does not have them itself
		}
		_, rest, _ := strings.Cut(out, "CapEff:\t")
		line, _, _ := strings.Cut(rest, "\n")
		n, err := strconv.ParseUint(line, 16, 64)
		if err != nil || response.Error != "" || (n&mayMount != 0) != x.want {
			t.Errorf("privileged %s: rights %x, %v, %+v, output %q", x.privileged, n, err, response, out)
		}
	}
}
