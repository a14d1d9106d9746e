package config_test

import (
	"testing"

	"dkron/internal/config"
)

func TestOnlyAnOpenAPIThatOtherMachinesReachIsWorthANotice(t *testing.T) {
	for name, c := range map[string]struct {
		addr    string
		change  func(*config.Config)
		exposed bool
	}{
		"all interfaces": {":8080", nil, true},
		"one address":    {"10.0.0.1:8080", nil, true},
		"loopback":       {"127.0.0.1:8080", nil, false},
		"loopback, IPv6": {"[::1]:8080", nil, false},
		"tokens":         {":8080", func(c *config.Config) { c.ACLEnabled = true }, false},
		"one user":       {":8080", func(c *config.Config) { c.Username = "u" }, false},
	} {
		cfg := config.Default()
		if c.change != nil {
			c.change(cfg)
		}
		cfg.Server = true
		if cfg.Exposed(c.addr) != c.exposed {
			t.Errorf("%s: exposed is %t", name, !c.exposed)
		}
		if cfg.Server = false; cfg.Exposed(c.addr) {
			t.Errorf("%s: an agent without a port is exposed", name)
		}
	}
}
